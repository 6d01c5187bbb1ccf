{{/*
Merges the map `from` into the map `into`, and gives JSON: maps by key, null removes a key, the lists named here by what
identifies their elements, as `kubectl apply` does it; any other value replaces what is there.
*/}}
{{- define "atlas-private-endpoint-exporter.merge" -}}
{{- $identity := dict "containers" "name" "initContainers" "name" "volumes" "name" "env" "name" "volumeMounts" "mountPath" "imagePullSecrets" "name" -}}
{{- $merged := deepCopy .into -}}
{{- range $key, $value := .from -}}
{{- $old := get $merged $key -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $merged $key -}}
{{- else if and (kindIs "map" $value) (kindIs "map" $old) -}}
{{- $_ := set $merged $key (include "atlas-private-endpoint-exporter.merge" (dict "into" $old "from" $value) | fromJson) -}}
{{- else if and (hasKey $identity $key) (kindIs "slice" $value) (kindIs "slice" $old) -}}
{{- $by := get $identity $key -}}
{{- $list := list -}}
{{- $known := dict -}}
{{- range $element := $old -}}
{{- $_ := set $known (get $element $by) true -}}
{{- range $value }}{{ if eq (get . $by) (get $element $by) }}{{ $element = include "atlas-private-endpoint-exporter.merge" (dict "into" $element "from" .) | fromJson }}{{ end }}{{ end -}}
{{- $list = append $list $element -}}
{{- end -}}
{{- range $value }}{{ if not (hasKey $known (get . $by)) }}{{ $list = append $list . }}{{ end }}{{ end -}}
{{- $_ := set $merged $key $list -}}
{{- else -}}
{{- $_ := set $merged $key $value -}}
{{- end -}}
{{- end -}}
{{- toJson $merged -}}
{{- end }}

{{/* Refuses two elements of a list that are told apart `by` a field; `from` names the values that the elements come from. */}}
{{- define "atlas-private-endpoint-exporter.refuseTwins" -}}
{{- $seen := dict -}}
{{- range .list -}}
{{- $name := get . $.by -}}
{{- if hasKey $seen $name }}{{ fail (printf "\n\n%s: there are two with the %s %q; one may be the chart's own. Leave one of them out" $.from $.by $name) }}{{ end -}}
{{- $_ := set $seen $name true -}}
{{- end -}}
{{- end }}
