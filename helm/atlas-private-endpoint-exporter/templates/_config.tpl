{{/* The Secret with the Atlas keys; empty when the config names credentials of its own and there is no Secret to mount. */}}
{{- define "atlas-private-endpoint-exporter.secretName" -}}
{{- with .Values.credentials -}}
{{- if .existingSecret }}{{ .existingSecret -}}
{{- else if or (not (or $.Values.config.credentials (include "atlas-private-endpoint-exporter.configIsElsewhere" $))) .publicKey .privateKey .clientId .clientSecret }}{{ include "atlas-private-endpoint-exporter.fullname" $ }}-atlas
{{- end -}}
{{- end -}}
{{- end }}

{{/* The key in that Secret under which a part of the credential lies: `publicKey` is under `public-key` unless told otherwise. */}}
{{- define "atlas-private-endpoint-exporter.secretKey" -}}
{{- get (.root.Values.credentials.keys | default dict) .part | default (kebabcase .part) -}}
{{- end }}

{{/* Not empty when the config file is in a ConfigMap or a Secret that the chart does not make. */}}
{{- define "atlas-private-endpoint-exporter.configIsElsewhere" -}}
{{- with .Values.configFrom }}{{ .configMap | default .secret }}{{ end -}}
{{- end }}

{{/* Refuses a key in the config: it would stand readable in a ConfigMap. */}}
{{- define "atlas-private-endpoint-exporter.refuseKeys" -}}
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
{{- define "atlas-private-endpoint-exporter.config" -}}
{{- include "atlas-private-endpoint-exporter.refuseKeys" . -}}
{{- $config := dict -}}
{{- range $key, $value := .Values.config }}{{ if $value }}{{ $_ := set $config $key $value }}{{ end }}{{ end -}}
{{- if not $config.credentials -}}
{{- $files := dict -}}
{{- $type := .Values.credentials.type -}}
{{- range ternary (list "clientId" "clientSecret") (list "publicKey" "privateKey") (eq $type "serviceAccount") -}}
{{- $_ := set $files (printf "%sFile" .) (printf "/var/run/secrets/atlas/%s" (include "atlas-private-endpoint-exporter.secretKey" (dict "root" $ "part" .))) -}}
{{- end -}}
{{- $_ := set $config "credentials" (dict "main" (dict $type $files)) -}}
{{- end -}}
{{- $_ := set $config "state" (merge (dict "path" "/var/lib/exporter/state.db") (.Values.config.state | default dict)) -}}
{{- toYaml $config -}}
{{- end }}

{{/* What only a start reads: a change of it must replace the pods. */}}
{{- define "atlas-private-endpoint-exporter.restartChecksum" -}}
{{- dict "state" .Values.config.state | toJson | sha256sum | trunc 16 -}}
{{- end }}
