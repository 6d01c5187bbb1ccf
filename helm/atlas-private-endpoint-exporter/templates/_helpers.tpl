{{- define "exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "exporter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "exporter.releaseLabels" -}}
app.kubernetes.io/name: {{ include "exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Of the exporter's own pods: the pod of `helm test` is of the release too, and must not be taken for one of them. */}}
{{- define "exporter.selectorLabels" -}}
{{ include "exporter.releaseLabels" . }}
app.kubernetes.io/component: exporter
{{- end }}

{{- define "exporter.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "exporter.releaseLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "exporter.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- $name := .Values.image.repository -}}
{{- if $registry }}{{ $name = printf "%s/%s" $registry $name }}{{ end -}}
{{- if .Values.image.digest }}{{ $name }}@{{ .Values.image.digest }}{{ else }}{{ $name }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end }}

{{- define "exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "exporter.fullname" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end -}}
{{- end }}

{{/* The Secret with the Atlas keys; empty when the config names credentials of its own and there is no Secret to mount. */}}
{{- define "exporter.secretName" -}}
{{- with .Values.credentials -}}
{{- if .existingSecret }}{{ .existingSecret -}}
{{- else if or (not $.Values.config.credentials) .publicKey .privateKey .clientId .clientSecret }}{{ include "exporter.fullname" $ }}-atlas
{{- end -}}
{{- end -}}
{{- end }}

{{/* Refuses a key in the config: it would stand readable in a ConfigMap. */}}
{{- define "exporter.refuseKeys" -}}
{{- range $name, $credential := .Values.config.credentials -}}
{{- range $type, $secret := dict "digest" "privateKey" "serviceAccount" "clientSecret" -}}
{{- $value := index ($credential | default dict) $type | default dict -}}
{{- if hasKey $value $secret -}}
{{- if not (regexMatch "^[$][{][A-Za-z0-9_]+[}]$" (toString (index $value $secret))) -}}
{{- fail (printf "\n\nconfig.credentials.%s.%s.%s would stand readable in a ConfigMap: put it in a Secret, name that in credentials.existingSecret,\nand write %sFile: /var/run/secrets/atlas/<key of the Secret>" $name $type $secret $secret) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The exporter's config file: the user's, with the chart's paths. */}}
{{- define "exporter.config" -}}
{{- include "exporter.refuseKeys" . -}}
{{- $config := dict -}}
{{- range $key, $value := .Values.config }}{{ if $value }}{{ $_ := set $config $key $value }}{{ end }}{{ end -}}
{{- if not $config.credentials -}}
{{- $dir := "/var/run/secrets/atlas" -}}
{{- if eq .Values.credentials.type "serviceAccount" -}}
{{- $_ := set $config "credentials" (dict "main" (dict "serviceAccount" (dict "clientIdFile" (printf "%s/client-id" $dir) "clientSecretFile" (printf "%s/client-secret" $dir)))) -}}
{{- else -}}
{{- $_ := set $config "credentials" (dict "main" (dict "digest" (dict "publicKeyFile" (printf "%s/public-key" $dir) "privateKeyFile" (printf "%s/private-key" $dir)))) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config "state" (merge (dict "path" "/var/lib/exporter/state.db") (.Values.config.state | default dict)) -}}
{{- toYaml $config -}}
{{- end }}

{{/* Pod Security "restricted", for every pod of the chart. */}}
{{- define "exporter.podSecurityContext" -}}
{{- toYaml .Values.podSecurityContext -}}
{{- end }}

{{- define "exporter.securityContext" -}}
{{- toYaml .Values.securityContext -}}
{{- end }}

{{/* What only a start reads: a change of it must replace the pods. */}}
{{- define "exporter.restartChecksum" -}}
{{- dict "state" .Values.config.state "caFile" (index (.Values.config.atlas | default dict) "caFile" | default "") | toJson | sha256sum | trunc 16 -}}
{{- end }}

{{/* A probe: a handler of the user's own, or a GET of `path`. */}}
{{- define "exporter.probe" -}}
{{- $probe := .probe | default dict -}}
{{- if not (or $probe.httpGet $probe.exec $probe.tcpSocket $probe.grpc) }}
httpGet: {path: {{ .path }}, port: metrics, scheme: {{ .scheme }}}
{{- end }}
{{- with $probe }}
{{ toYaml . }}
{{- end }}
{{- end }}
