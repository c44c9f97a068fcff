{{/*
A controller is one short file, such as source-controller.yaml:

  define "sluice.<name>.rules"    its ClusterRole's rules, as YAML
  define "sluice.<name>.args"     its own arguments, as a YAML list; may be empty
  include "sluice.controller" (list $ "<name>")

Templates below get the context that "sluice.controller" makes: root, name, values (of this
controller, over the defaults) and account, the name of its service account.
*/}}

{{- define "sluice.controller" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- $values := deepCopy $root.Values.defaults }}
{{- range $key, $value := index $root.Values.controllers $name }}
{{- $_ := set $values $key $value }}
{{- end }}
{{- if $values.enabled }}
{{- $context := dict "root" $root "name" $name "values" $values
    "account" ($values.serviceAccount.name | default $name) }}
{{- range $part := list "account" "rbac" "deployment" "service" "scaling" "network" "monitor" }}
{{- with include (printf "sluice.%s" $part) $context | trim }}
---
{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The labels that select a controller's pods never change, or upgrades fail. */}}
{{- define "sluice.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
{{ include "sluice.commonLabels" .root }}
{{- end }}

{{/* Of objects that belong to no controller; takes the root. */}}
{{- define "sluice.commonLabels" -}}
app.kubernetes.io/part-of: sluice
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Name and namespace of an object that is named as the controller is. */}}
{{- define "sluice.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "sluice.labels" . | nindent 2 }}
{{- end }}

{{- define "sluice.image" -}}
{{ .root.Values.image.prefix }}{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* What restricted pod security asks for, of a container. */}}
{{- define "sluice.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "sluice.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65534
runAsGroup: 65534
fsGroup: 1337
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Where source-controller is reached in the cluster; takes the root. */}}
{{- define "sluice.sourceHost" -}}
source-controller.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}
{{- end }}
