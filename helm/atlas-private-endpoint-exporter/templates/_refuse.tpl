{{/* Refuses what contradicts itself and what cannot be changed, each with a sentence. */}}
{{- define "atlas-private-endpoint-exporter.refuse" -}}
{{- include "atlas-private-endpoint-exporter.refuseText" (dict "value" .Values "path" "") -}}
{{- $elsewhere := include "atlas-private-endpoint-exporter.configIsElsewhere" . -}}
{{- with .Values.configFrom -}}
{{- if and .configMap .secret }}{{ fail "\n\nconfigFrom.configMap and configFrom.secret are both set: the config file can be in one of them" }}{{ end -}}
{{- end -}}
{{- range $key, $value := .Values.config -}}
{{- if and $elsewhere $value }}{{ fail (printf "\n\nconfig.%s and configFrom are both set: with configFrom the whole config file is in the ConfigMap or Secret %q" $key $elsewhere) }}{{ end -}}
{{- end -}}
{{- if not (or $elsewhere .Values.config.projects .Values.config.discovery) -}}
{{- fail "\n\nThere is nothing to watch: set config.projects, as in\n  --set 'config.projects[0].id=5df264b8f10fab7d2cad2f0d'\nor config.discovery, as in\n  --set 'config.discovery[0].organization=5a1b2c3d4e5f60718293a4b5'" -}}
{{- end -}}
{{- if and (eq .Values.webConfig.scheme "HTTPS") (not .Values.webConfig.existingSecret) -}}
{{- fail "\n\nwebConfig.scheme is HTTPS, but nothing makes the exporter speak it: set webConfig.existingSecret to a Secret with web-config.yml" -}}
{{- end -}}
{{- if .Values.prometheusRule.targetLabels -}}
{{- fail "\n\nprometheusRule.targetLabels is gone: rules no longer drop the labels that a new pod changes, but keep those that tell exporters apart. Name these in prometheusRule.exporterLabels, or leave both empty" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled -}}
{{- fail "\n\nserviceMonitor.enabled and podMonitor.enabled are both true: every pod would be scraped twice. Enable one of them" -}}
{{- end -}}
{{- with .Values.reachability -}}
{{- if and .enabled (not .prober) }}{{ fail "\n\nreachability.enabled is true, but reachability.prober is empty: say where Prometheus reaches blackbox_exporter, as in\n  --set reachability.prober=blackbox.monitoring.svc:9115" }}{{ end -}}
{{- $kinds := dig "poll" "kinds" list ($.Values.config | default dict) -}}
{{- if and .enabled (not $elsewhere) $kinds (not (contains "connection_strings" (toJson $.Values.config))) }}{{ fail "\n\nreachability.enabled is true, but config.poll.kinds leaves out the kind connection_strings: there would be nothing to probe. Name it beside the others, as in\n  --set 'config.poll.kinds={cluster,connection_strings}'" }}{{ end -}}
{{- end -}}
{{- range $name := list "serviceMonitor" "podMonitor" "reachability" -}}
{{- with get $.Values $name -}}
{{- if and .enabled .interval .scrapeTimeout -}}
{{- if gt (include "atlas-private-endpoint-exporter.milliseconds" .scrapeTimeout | int64) (include "atlas-private-endpoint-exporter.milliseconds" .interval | int64) -}}
{{- fail (printf "\n\n%s.scrapeTimeout (%s) is above %s.interval (%s): the Prometheus operator would drop it without a word. Lower the timeout, or scrape less often" $name .scrapeTimeout $name .interval) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.persistence -}}
{{- range $field := list "labels" "annotations" -}}
{{- if get $.Values.persistence $field }}{{ fail (printf "\n\npersistence.%s cannot be: they would stand in the StatefulSet's claim template, which cannot be changed afterwards, and every later upgrade would fail.\nWrite them on the claims: kubectl -n %s %s pvc -l app.kubernetes.io/instance=%s …" $field (include "atlas-private-endpoint-exporter.namespace" $) (ternary "label" "annotate" (eq $field "labels")) $.Release.Name) }}{{ end -}}
{{- end -}}
{{- if and .existingClaim (not .enabled) }}{{ fail "\n\npersistence.existingClaim is set, but persistence.enabled is false: enable it, or leave the claim out" }}{{ end -}}
{{- if and .existingClaim (gt (int $.Values.shards) 1) }}{{ fail (printf "\n\npersistence.existingClaim is one volume, but shards is %d, and each shard needs a volume of its own: leave it out, and the StatefulSet makes a claim for each" (int $.Values.shards)) }}{{ end -}}
{{- end -}}
{{- with .Values.ingress -}}
{{- if and .enabled (not .hosts) }}{{ fail "\n\ningress.enabled is true, but ingress.hosts is empty: name a host, as in\n  --set 'ingress.hosts[0].host=exporter.example'" }}{{ end -}}
{{- end -}}
{{- with .Values.httpRoute -}}
{{- if and .enabled (not .parentRefs) }}{{ fail "\n\nhttpRoute.enabled is true, but httpRoute.parentRefs is empty: name the Gateway, as in\n  --set 'httpRoute.parentRefs[0].name=gateway'" }}{{ end -}}
{{- end -}}
{{- if and (.Values.service.nodePort) (eq .Values.service.type "ClusterIP") }}{{ fail "\n\nservice.nodePort is set, but service.type is ClusterIP: set it to NodePort or LoadBalancer" }}{{ end -}}
{{- include "atlas-private-endpoint-exporter.refuseChange" . -}}
{{- end }}

{{/* Refuses the characters that `toYaml` leaves as they are though YAML forbids them, or YAML 1.1 takes them for line breaks: Helm 4 would leave out the map that holds them, without a word. */}}
{{- define "atlas-private-endpoint-exporter.refuseText" -}}
{{- $path := .path -}}
{{- if kindIs "map" .value -}}
{{- range $key, $value := .value }}{{ include "atlas-private-endpoint-exporter.refuseText" (dict "value" $value "path" (printf "%s.%s" $path $key | trimPrefix ".")) }}{{ end -}}
{{- else if kindIs "slice" .value -}}
{{- range $at, $value := .value }}{{ include "atlas-private-endpoint-exporter.refuseText" (dict "value" $value "path" (printf "%s[%d]" $path $at)) }}{{ end -}}
{{- else if typeIs "string" .value -}}
{{- with regexFind "[\\x{7F}-\\x{9F}\\x{2028}\\x{2029}\\x{FEFF}\\x{FFFE}\\x{FFFF}]" .value }}{{ fail (printf "\n\n%s holds the character %+q, which not every reader of YAML takes for text: remove it" $path .) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* A duration of Prometheus, `1m30s`, in milliseconds. */}}
{{- define "atlas-private-endpoint-exporter.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 "w" 604800000 "y" 31536000000 -}}
{{- $sum := 0 -}}
{{- range regexFindAll "[0-9]+[a-z]+" . -1 }}{{ $sum = add $sum (mul (regexFind "[0-9]+" . | int64) (get $units (regexFind "[a-z]+" .))) }}{{ end -}}
{{- $sum -}}
{{- end }}

{{/* A quantity of Kubernetes, `1.5Gi`, in bytes. */}}
{{- define "atlas-private-endpoint-exporter.bytes" -}}
{{- $units := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976 -}}
{{- mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[a-zA-Z]*$" .)) | int64 -}}
{{- end }}

{{/*
What Kubernetes lets nobody change of what is there, as far as the cluster can be asked (an install or an upgrade can,
`helm template` cannot): the selector and the claims of a StatefulSet, and the class and size of claims that outlived one.
*/}}
{{- define "atlas-private-endpoint-exporter.refuseChange" -}}
{{- $name := include "atlas-private-endpoint-exporter.fullname" . -}}
{{- $namespace := include "atlas-private-endpoint-exporter.namespace" . -}}
{{- $wanted := .Values.persistence -}}
{{- $claims := and $wanted.enabled (not $wanted.existingClaim) -}}
{{- $set := lookup "apps/v1" "StatefulSet" $namespace $name | default dict -}}
{{- with $set.spec -}}
{{- $changes := list -}}
{{- $labels := fromYaml (include "atlas-private-endpoint-exporter.selectorLabels" $) -}}
{{- if ne (toJson .selector.matchLabels) (toJson $labels) }}{{ $changes = append $changes (printf "nameOverride (its pods are labelled %s)" (get .selector.matchLabels "app.kubernetes.io/name")) }}{{ end -}}
{{- $template := first (.volumeClaimTemplates | default (list dict)) -}}
{{- if ne (empty $template) (not $claims) -}}
{{- $changes = append $changes (printf "persistence.enabled or persistence.existingClaim (it makes %s)" (ternary "no claims" "a claim for each pod" (empty $template))) -}}
{{- else if $claims -}}
{{- if ne (include "atlas-private-endpoint-exporter.bytes" $template.spec.resources.requests.storage) (include "atlas-private-endpoint-exporter.bytes" $wanted.size) }}{{ $changes = append $changes (printf "persistence.size (it has %s)" $template.spec.resources.requests.storage) }}{{ end -}}
{{- if ne (toJson $template.spec.accessModes) (toJson $wanted.accessModes) }}{{ $changes = append $changes (printf "persistence.accessModes (it has %s)" (join ", " $template.spec.accessModes)) }}{{ end -}}
{{- if ne (include "atlas-private-endpoint-exporter.storageClass" $template.spec) (include "atlas-private-endpoint-exporter.wantedClass" $) }}{{ $changes = append $changes (printf "persistence.storageClass (it has %s)" (include "atlas-private-endpoint-exporter.storageClass" $template.spec)) }}{{ end -}}
{{- end -}}
{{- with $changes -}}
{{- fail (printf "\n\nThe StatefulSet %s is there, and Kubernetes lets nobody change of it: %s.\nSet back what you changed, or replace the StatefulSet as the chart's README says under \"What cannot be changed\"" $name (join "; " .)) -}}
{{- end -}}
{{- end -}}
{{- /* A deployer that may not read claims is not asked to, but where they are about to be taken over. */ -}}
{{- if and $claims .Release.IsUpgrade (not $set) -}}
{{- range $ordinal := until (int .Values.shards) -}}
{{- $claim := lookup "v1" "PersistentVolumeClaim" $namespace (printf "state-%s-%d" $name $ordinal) | default dict -}}
{{- with $claim.spec -}}
{{- if and $wanted.storageClass (ne (include "atlas-private-endpoint-exporter.storageClass" .) (include "atlas-private-endpoint-exporter.wantedClass" $)) -}}
{{- fail (printf "\n\npersistence.storageClass: the claim state-%s-%d is there with %s and would keep it.\nSet it back, or delete the claim (the exporter then begins from a baseline): kubectl -n %s delete pvc state-%s-%d" $name $ordinal (include "atlas-private-endpoint-exporter.storageClass" .) $namespace $name $ordinal) -}}
{{- end -}}
{{- if lt (include "atlas-private-endpoint-exporter.bytes" .resources.requests.storage | int64) (include "atlas-private-endpoint-exporter.bytes" $wanted.size | int64) -}}
{{- fail (printf "\n\npersistence.size: the claim state-%s-%d is there with %s and would keep it.\nGrow it first: kubectl -n %s patch pvc state-%s-%d -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"%s\"}}}}'" $name $ordinal .resources.requests.storage $namespace $name $ordinal $wanted.size) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The class of a claim, in words. */}}
{{- define "atlas-private-endpoint-exporter.storageClass" -}}
{{- if not (hasKey . "storageClassName") }}the default class{{ else if .storageClassName }}the class {{ .storageClassName }}{{ else }}no class{{ end -}}
{{- end }}

{{- define "atlas-private-endpoint-exporter.wantedClass" -}}
{{- $class := .Values.persistence.storageClass -}}
{{- include "atlas-private-endpoint-exporter.storageClass" (ternary (dict "storageClassName" (trimPrefix "-" ($class | default ""))) dict (not (empty $class))) -}}
{{- end }}
