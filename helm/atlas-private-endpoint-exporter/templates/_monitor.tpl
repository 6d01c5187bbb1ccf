{{/*
Helm ends a document with line breaks of its own, which a text at its very end would take for its own: what is free to be
anything stands before what is not, here and in the other templates.
*/}}
{{/* What the two kinds of monitors have in common: a dict of `root`, `name` (the value), `endpoints` (the field of the spec). */}}
{{- define "atlas-private-endpoint-exporter.monitor" -}}
{{- $monitor := get .root.Values .name -}}
{{- $endpoint := dict "port" "metrics" "path" "/metrics" "scheme" (lower .root.Values.webConfig.scheme) -}}
{{- range $field := list "interval" "scrapeTimeout" "honorLabels" "tlsConfig" "basicAuth" "relabelings" "metricRelabelings" -}}
{{- with get $monitor $field }}{{ $_ := set $endpoint $field . }}{{ end -}}
{{- end -}}
metadata: {{- include "atlas-private-endpoint-exporter.metadata" (dict "root" .root "namespace" $monitor.namespace "labels" $monitor.labels "annotations" $monitor.annotations "from" (printf "%s.labels" .name)) | nindent 2 }}
spec:
  {{- range $field := list "jobLabel" "targetLabels" "podTargetLabels" "bodySizeLimit" }}
  {{- with get $monitor $field }}
  {{- dict $field . | toYaml | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- /* Helm 3 has numbers as text, of which 0 is not empty. */}}
  {{- range $field := list "sampleLimit" "targetLimit" "labelLimit" "labelNameLengthLimit" "labelValueLengthLimit" "keepDroppedTargets" }}
  {{- with get $monitor $field | int64 }}
  {{ $field }}: {{ . }}
  {{- end }}
  {{- end }}
  {{ .endpoints }}: {{- list $endpoint | toYaml | nindent 4 }}
  selector:
    matchLabels: {{- .selector | nindent 6 }}
  namespaceSelector:
    matchNames: [{{ include "atlas-private-endpoint-exporter.namespace" .root | quote }}]
{{- end }}
