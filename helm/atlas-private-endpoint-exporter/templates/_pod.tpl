{{- define "atlas-private-endpoint-exporter.image" -}}
{{- $registry := (.Values.global).imageRegistry | default .Values.image.registry -}}
{{- $name := .Values.image.repository -}}
{{- if $registry }}{{ $name = printf "%s/%s" $registry $name }}{{ end -}}
{{- if .Values.image.digest }}{{ $name }}@{{ .Values.image.digest }}{{ else }}{{ $name }}:{{ .Values.image.tag | default (replace "+" "-" .Chart.AppVersion) }}{{ end -}}
{{- end }}

{{/* Names of pull Secrets, as text or as `{name: …}`: those of all charts of the release, then those of this one. */}}
{{- define "atlas-private-endpoint-exporter.pullSecrets" -}}
{{- $names := list -}}
{{- range concat ((.Values.global).imagePullSecrets | default list) (.Values.image.pullSecrets | default list) }}{{ $names = append $names (dict "name" (ternary . (get (ternary (dict) . (typeIs "string" .)) "name") (typeIs "string" .))) }}{{ end -}}
{{- with uniq $names }}{{ toYaml . }}{{ end -}}
{{- end }}

{{- define "atlas-private-endpoint-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "atlas-private-endpoint-exporter.fullname" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end -}}
{{- end }}

{{/* Of every pod of the chart; with `platform` the platform chooses user and groups. */}}
{{- define "atlas-private-endpoint-exporter.podSecurityContext" -}}
{{- $context := .Values.podSecurityContext | default dict -}}
{{- toYaml (ternary (omit $context "platform" "runAsUser" "runAsGroup" "fsGroup" "fsGroupChangePolicy") (omit $context "platform") (eq true ($context.platform | default false))) -}}
{{- end }}

{{/* A probe: a handler of the user's own, or a GET of `path`. Nothing when the probe is null. */}}
{{- define "atlas-private-endpoint-exporter.probe" -}}
{{- if not (kindIs "invalid" .probe) -}}
{{- $probe := .probe -}}
{{- if not (or $probe.httpGet $probe.exec $probe.tcpSocket $probe.grpc) -}}
{{- $probe = merge (dict "httpGet" (dict "path" .path "port" "metrics" "scheme" .scheme)) $probe -}}
{{- end -}}
{{- dict .name $probe | toYaml -}}
{{- end -}}
{{- end }}

{{/* The flags that the chart's own values set; another one in `extraArgs` would contradict them. */}}
{{- define "atlas-private-endpoint-exporter.args" -}}
{{- $args := list "run" "--config.file=/etc/exporter/exporter.yaml" -}}
{{- if include "atlas-private-endpoint-exporter.configIsElsewhere" . }}{{ $args = append $args "--state.path=/var/lib/exporter/state.db" }}{{ end -}}
{{- $args = concat $args (list (printf "--log.level=%s" .Values.log.level) (printf "--log.format=%s" .Values.log.format) (printf "--total-shards=%d" (int .Values.shards))) -}}
{{- with .Values.webConfig.existingSecret }}{{ $args = append $args "--web.config.file=/etc/exporter-web/web-config.yml" }}{{ end -}}
{{- $byValue := dict "--config.file" "configFrom" "--state.path" "persistence" "--log.level" "log.level" "--log.format" "log.format" "--total-shards" "shards" "--shard" "shards" "--web.config.file" "webConfig.existingSecret" -}}
{{- range .Values.extraArgs -}}
{{- $flag := splitList "=" . | first -}}
{{- if hasKey $byValue $flag }}{{ fail (printf "\n\nextraArgs: %s is the chart's to set: use the value %s" $flag (get $byValue $flag)) }}{{ end -}}
{{- end -}}
{{- toYaml (concat $args (.Values.extraArgs | default list)) -}}
{{- end }}

{{/* The spec of the exporter's pods, before `podSpec` is merged into it. */}}
{{- define "atlas-private-endpoint-exporter.podSpec" -}}
{{- $secret := include "atlas-private-endpoint-exporter.secretName" . -}}
serviceAccountName: {{ include "atlas-private-endpoint-exporter.serviceAccountName" . | quote }}
automountServiceAccountToken: {{ .Values.automountServiceAccountToken | default false }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds | default 30 }}
securityContext: {{- include "atlas-private-endpoint-exporter.podSecurityContext" . | nindent 2 }}
{{- with include "atlas-private-endpoint-exporter.pullSecrets" . }}
imagePullSecrets: {{- . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- include "atlas-private-endpoint-exporter.strings" . | nindent 2 }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
{{- with .Values.dnsPolicy | default (ternary "ClusterFirstWithHostNet" "" (.Values.hostNetwork | default false)) }}
dnsPolicy: {{ . | quote }}
{{- end }}
{{- range $field := list "dnsConfig" "hostAliases" "tolerations" "affinity" "initContainers" }}
{{- with get $.Values $field }}
{{ $field }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  {{- $constraint := dict }}
  {{- if not .labelSelector }}{{ $constraint = dict "labelSelector" (dict "matchLabels" (fromYaml (include "atlas-private-endpoint-exporter.selectorLabels" $))) }}{{ end }}
  - {{- merge $constraint . | toYaml | nindent 4 }}
  {{- end }}
{{- end }}
containers:
  - name: exporter
    image: {{ include "atlas-private-endpoint-exporter.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy | quote }}
    args: {{- include "atlas-private-endpoint-exporter.args" . | nindent 6 }}
    env:
      - name: POD_NAME
        valueFrom: {fieldRef: {fieldPath: metadata.name}}
      {{- with .Values.extraEnv }}{{ toYaml . | nindent 6 }}{{ end }}
    {{- with .Values.extraEnvFrom }}
    envFrom: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.lifecycle }}
    lifecycle: {{- toYaml . | nindent 6 }}
    {{- end }}
    ports:
      - {name: metrics, containerPort: 27900, protocol: TCP}
    {{- range $name, $path := dict "startup" "/-/healthy" "liveness" "/-/healthy" "readiness" "/-/ready" }}
    {{- include "atlas-private-endpoint-exporter.probe" (dict "name" (printf "%sProbe" $name) "probe" (index $.Values.probes $name) "path" $path "scheme" $.Values.webConfig.scheme) | nindent 4 }}
    {{- end }}
    securityContext: {{- toYaml (.Values.securityContext | default dict) | nindent 6 }}
    resources: {{- toYaml (.Values.resources | default dict) | nindent 6 }}
    volumeMounts:
      # Whole folders, no subPath: a change of the ConfigMap or the Secret reaches the running pod.
      - {name: config, mountPath: /etc/exporter, readOnly: true}
      {{- if $secret }}
      - {name: atlas, mountPath: /var/run/secrets/atlas, readOnly: true}
      {{- end }}
      - {name: state, mountPath: /var/lib/exporter}
      {{- if .Values.webConfig.existingSecret }}
      - {name: web, mountPath: /etc/exporter-web, readOnly: true}
      {{- end }}
      {{- with .Values.extraVolumeMounts }}{{ toYaml . | nindent 6 }}{{ end }}
  {{- with .Values.extraContainers }}{{ toYaml . | nindent 2 }}{{ end }}
volumes:
  # 288 is 0440, which YAML 1.1 and 1.2 read as different numbers.
  - name: config
    {{- if (.Values.configFrom).secret }}
    secret: {secretName: {{ .Values.configFrom.secret | quote }}, defaultMode: 288, items: [{key: {{ .Values.configFrom.key | default "exporter.yaml" | quote }}, path: exporter.yaml}]}
    {{- else if (.Values.configFrom).configMap }}
    configMap: {name: {{ .Values.configFrom.configMap | quote }}, items: [{key: {{ .Values.configFrom.key | default "exporter.yaml" | quote }}, path: exporter.yaml}]}
    {{- else }}
    configMap: {name: {{ include "atlas-private-endpoint-exporter.fullname" . | quote }}}
    {{- end }}
  {{- with $secret }}
  - name: atlas
    secret: {secretName: {{ . | quote }}, defaultMode: 288}
  {{- end }}
  {{- with .Values.webConfig.existingSecret }}
  - name: web
    secret: {secretName: {{ . | quote }}, defaultMode: 288}
  {{- end }}
  {{- if not .Values.persistence.enabled }}
  - name: state
    emptyDir: {{- toYaml (.Values.persistence.emptyDir | default dict) | nindent 6 }}
  {{- else if .Values.persistence.existingClaim }}
  - name: state
    persistentVolumeClaim: {claimName: {{ .Values.persistence.existingClaim | quote }}}
  {{- end }}
  {{- with .Values.extraVolumes }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}
