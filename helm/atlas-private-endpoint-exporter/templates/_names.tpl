{{/* Every template carries the chart's own name: templates of a parent chart and its other subcharts share one namespace. */}}
{{- define "atlas-private-endpoint-exporter.name" -}}
{{- include "atlas-private-endpoint-exporter.labelValue" (.Values.nameOverride | default .Chart.Name) }}
{{- end }}

{{/*
The name of the objects: also the name of Services, so letters, digits and dashes, a letter first; 52 characters leave room
for suffixes. An alias always stands in it, so that two aliases in one release never share a name.
*/}}
{{- define "atlas-private-endpoint-exporter.fullname" -}}
{{- $name := .Values.fullnameOverride -}}
{{- $aliased := ne .Chart.Name "atlas-private-endpoint-exporter" -}}
{{- if not $name -}}
{{- $name = .Release.Name -}}
{{- if or $aliased (not (contains .Chart.Name .Release.Name)) }}{{ $name = printf "%s-%s" .Release.Name .Chart.Name }}{{ end -}}
{{- $name = regexReplaceAll "[^a-z0-9-]+" (lower $name) "-" -}}
{{- if regexMatch "^[0-9]" $name }}{{ $name = printf "r%s" $name }}{{ end -}}
{{- if and $aliased (gt (len $name) 52) }}{{ $name = printf "%s-%s" ($name | trunc 43 | trimSuffix "-") (sha256sum $name | trunc 8) }}{{ end -}}
{{- end -}}
{{- $name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "atlas-private-endpoint-exporter.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{/* Any text as the value of a label. */}}
{{- define "atlas-private-endpoint-exporter.labelValue" -}}
{{- regexReplaceAll "[^A-Za-z0-9._-]" . "_" | trunc 63 | trimAll "-_." }}
{{- end }}

{{/* A map whose values are strings: a number or a boolean that `--set` made becomes its text, null leaves its key out. */}}
{{- define "atlas-private-endpoint-exporter.strings" -}}
{{- $strings := dict -}}
{{- range $key, $value := . }}{{ if not (kindIs "invalid" $value) }}{{ $_ := set $strings $key (ternary $value (toJson $value) (typeIs "string" $value)) }}{{ end }}{{ end -}}
{{- toYaml $strings -}}
{{- end }}

{{/* What is the release's, whatever its component. */}}
{{- define "atlas-private-endpoint-exporter.releaseLabels" -}}
app.kubernetes.io/name: {{ include "atlas-private-endpoint-exporter.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* Of the exporter's own pods: the pod of `helm test` is of the release too, and must not be taken for one of them. */}}
{{- define "atlas-private-endpoint-exporter.selectorLabels" -}}
{{ include "atlas-private-endpoint-exporter.releaseLabels" . }}
app.kubernetes.io/component: exporter
{{- end }}

{{/*
Labels, as a map without duplicate keys: the user's `labels` win over `commonLabels`, those over the chart's own; what
selectors need cannot be replaced. `own` are the chart's own of this object, as YAML; `from` names the value for the error.
*/}}
{{- define "atlas-private-endpoint-exporter.labels" -}}
{{- $fixed := fromYaml .fixed -}}
{{- range $from, $labels := dict "commonLabels" .root.Values.commonLabels (.from | default "labels") .labels -}}
{{- range $key, $value := $labels -}}
{{- if and (has $key (list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component")) (ne (toString $value) (toString (get $fixed $key))) -}}
{{- fail (printf "\n\n%s: the chart selects its pods by the label %s, so it cannot be set to %q: leave it out (nameOverride changes app.kubernetes.io/name)" $from $key (toString $value)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "atlas-private-endpoint-exporter.strings" (mergeOverwrite (fromYaml (.own | default "")) (deepCopy (.root.Values.commonLabels | default dict)) (deepCopy (.labels | default dict)) $fixed) -}}
{{- end }}

{{/*
The metadata of an object. A dict of `root`, and what differs: `suffix` of the name, `component`, `namespace`, `labels`
and `annotations` of the user, `from` (the value that holds the labels, as in `service.labels`).
*/}}
{{- define "atlas-private-endpoint-exporter.metadata" -}}
{{- $fixed := include "atlas-private-endpoint-exporter.releaseLabels" .root -}}
{{- with .component }}{{ $fixed = printf "%s\napp.kubernetes.io/component: %s" $fixed . }}{{ end -}}
{{- $chart := include "atlas-private-endpoint-exporter.labelValue" (printf "%s-%s" .root.Chart.Name .root.Chart.Version) -}}
{{- $version := include "atlas-private-endpoint-exporter.labelValue" .root.Chart.AppVersion -}}
{{- $own := toYaml (dict "helm.sh/chart" $chart "app.kubernetes.io/version" $version "app.kubernetes.io/managed-by" .root.Release.Service) -}}
name: {{ .name | default (printf "%s%s" (include "atlas-private-endpoint-exporter.fullname" .root) (.suffix | default "")) | quote }}
namespace: {{ .namespace | default (include "atlas-private-endpoint-exporter.namespace" .root) | quote }}
labels: {{- include "atlas-private-endpoint-exporter.labels" (dict "root" .root "own" $own "fixed" $fixed "labels" .labels "from" .from) | nindent 2 }}
{{- with .annotations }}
annotations: {{- include "atlas-private-endpoint-exporter.strings" . | nindent 2 }}
{{- end }}
{{- end }}
