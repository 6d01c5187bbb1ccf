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

{{- define "exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "exporter.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "exporter.selectorLabels" . }}
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

{{- define "exporter.secretName" -}}
{{- .Values.credentials.existingSecret | default (printf "%s-atlas" (include "exporter.fullname" .)) -}}
{{- end }}

{{/* The exporter's config file: the user's, with the chart's paths. */}}
{{- define "exporter.config" -}}
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
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "exporter.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
