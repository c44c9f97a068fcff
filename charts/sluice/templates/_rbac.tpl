{{- define "sluice.account" -}}
{{- with .values.serviceAccount }}
{{- if .create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $.account }}
  namespace: {{ $.root.Release.Namespace }}
  labels:
    {{- include "sluice.labels" $ | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Cluster-wide names say whose they are, so that a cluster can have several installations. */}}
{{- define "sluice.clusterName" -}}
{{ .root.Release.Name }}-{{ .root.Release.Namespace }}-{{ .name }}
{{- end }}

{{/*
What the controller does with rights of its own: a ClusterRole, bound in all namespaces or in the
release's only; and its leases. What it applies for others it applies as them.
*/}}
{{- define "sluice.rbac" -}}
{{- if .root.Values.rbac.create -}}
{{- $subjects := printf "- {kind: ServiceAccount, name: %s, namespace: %s}" .account .root.Release.Namespace -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include "sluice.clusterName" . }}
  labels:
    {{- include "sluice.labels" . | nindent 4 }}
rules:
  {{- include (printf "sluice.%s.rules" .name) . | trim | nindent 2 }}
  - apiGroups: [""]
    resources: [events]
    verbs: [create, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
{{- if .root.Values.watchAllNamespaces }}
kind: ClusterRoleBinding
metadata:
  name: {{ include "sluice.clusterName" . }}
{{- else }}
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
{{- end }}
  labels:
    {{- include "sluice.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ include "sluice.clusterName" . }}}
subjects:
  {{- $subjects | nindent 2 }}
{{- if ne .root.Values.tls.mode "off" }}
---
# To have the API server say who a caller is, and what they may see.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "sluice.clusterName" . }}-callers
  labels:
    {{- include "sluice.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:auth-delegator"}
subjects:
  {{- $subjects | nindent 2 }}
{{- end }}
{{- if and .root.Values.rbac.clusterAdmin (has .name (list "kustomize-controller" "helm-controller")) }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "sluice.clusterName" . }}-cluster-admin
  labels:
    {{- include "sluice.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects:
  {{- $subjects | nindent 2 }}
{{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}-leases
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "sluice.labels" . | nindent 4 }}
rules:
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, list, watch, create, update, patch, delete]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}-leases
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "sluice.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }}-leases}
subjects:
  {{- $subjects | nindent 2 }}
{{- end }}
{{- end }}

{{/* Rules for kinds that a controller owns; takes their API group and names. */}}
{{- define "sluice.ownRules" -}}
{{- $group := index . 0 }}
{{- $kinds := index . 1 -}}
- apiGroups: [{{ $group }}]
  resources: [{{ join ", " $kinds }}]
  verbs: [get, list, watch, update, patch]
- apiGroups: [{{ $group }}]
  resources: [{{ join "/status, " $kinds }}/status]
  verbs: [get, update, patch]
- apiGroups: [{{ $group }}]
  resources: [{{ join "/finalizers, " $kinds }}/finalizers]
  verbs: [update]
{{- end }}

{{/* To follow kinds of sources; takes their names. */}}
{{- define "sluice.sourceRules" -}}
- apiGroups: [source.toolkit.fluxcd.io]
  resources: [{{ join ", " . }}]
  verbs: [get, list, watch]
{{- end }}

{{/* To log in for objects that name Secrets or service accounts. */}}
{{- define "sluice.credentialRules" -}}
- apiGroups: [""]
  resources: [{{ if .values.featureGates.CacheSecretsAndConfigMaps }}configmaps, {{ end }}secrets]
  verbs: [get{{ if .values.featureGates.CacheSecretsAndConfigMaps }}, list, watch{{ end }}]
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get]
{{- include "sluice.tokenRules" . }}
{{- end }}

{{/* To act as service accounts, and to read what objects refer to. */}}
{{- define "sluice.applierRules" -}}
# Whether the suite itself is being removed: then nothing is pruned.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
- apiGroups: [""]
  resources: [configmaps, secrets]
  verbs: [get{{ if not .values.featureGates.DisableConfigWatchers }}, list, watch{{ end }}]
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, impersonate]
{{- include "sluice.tokenRules" . }}
{{- end }}

{{/* To exchange the identity of a service account that an object names for a cloud's. */}}
{{- define "sluice.tokenRules" }}
{{- if .values.featureGates.ObjectLevelWorkloadIdentity }}
- apiGroups: [""]
  resources: [serviceaccounts/token]
  verbs: [create]
{{- end }}
{{- end }}
