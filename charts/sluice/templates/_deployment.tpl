{{/* "--flag=value" for each that every controller takes. */}}
{{- define "sluice.commonArgs" -}}
{{- $values := .root.Values -}}
- --watch-all-namespaces={{ $values.watchAllNamespaces }}
{{- with $values.watchLabelSelector }}
- {{ printf "--watch-label-selector=%s" . | quote }}
{{- end }}
- --log-level={{ $values.logLevel }}
- --log-encoding=json
- --{{ ternary "sharding" "enable-leader-election" .values.sharding }}
- --no-cross-namespace-refs={{ $values.lockdown.noCrossNamespaceRefs }}
{{- if eq $values.tls.mode "off" }}
- --grpc-insecure
{{- else }}
- --grpc-tls-cert-file=/tls/tls.crt
- --grpc-tls-key-file=/tls/tls.key
- --grpc-ca-file=/tls/ca.crt
{{- end }}
{{- with $values.eventsAddr }}
- --events-addr={{ . }}
{{- end }}
{{- with $values.otlpEndpoint }}
- --otlp-endpoint={{ . }}
{{- end }}
{{- if .values.featureGates }}
{{- $gates := list }}
{{- range $gate, $on := .values.featureGates }}
{{- $gates = append $gates (printf "%s=%t" $gate $on) }}
{{- end }}
- --feature-gates={{ join "," $gates }}
{{- end }}
{{- end }}

{{/* Of the controllers that apply; takes the root. */}}
{{- define "sluice.applierArgs" }}
{{- with .Values.lockdown.defaultServiceAccount }}
- --default-service-account={{ . }}
{{- end }}
{{- end }}

{{- define "sluice.deployment" -}}
{{- $values := .values }}
{{- $data := hasKey $values "persistence" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "sluice.metadata" . | nindent 2 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  strategy:
    {{- toYaml $values.strategy | nindent 4 }}
  selector:
    matchLabels:
      {{- include "sluice.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "sluice.labels" . | nindent 8 }}
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ .account }}
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      securityContext:
        {{- include "sluice.podSecurity" . | nindent 8 }}
      terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
      containers:
        - name: manager
          image: {{ include "sluice.image" . | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args:
            {{- include "sluice.commonArgs" . | nindent 12 }}
            {{- with include (printf "sluice.%s.args" .name) .root | trim }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $values.extraArgs }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          env:
            - name: RUNTIME_NAMESPACE
              valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
            {{- with $values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            {{- if eq .name "source-controller" }}
            - {name: http, containerPort: 9090, protocol: TCP}
            {{- end }}
            - {name: grpc, containerPort: 9393, protocol: TCP}
            - {name: http-prom, containerPort: 8080, protocol: TCP}
            - {name: healthz, containerPort: 9440, protocol: TCP}
          livenessProbe:
            httpGet: {path: /healthz, port: healthz}
          readinessProbe:
            httpGet: {path: /readyz, port: healthz}
            periodSeconds: 5
          securityContext:
            {{- include "sluice.containerSecurity" . | nindent 12 }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            {{- with include "sluice.tlsSecret" .root }}
            - {name: tls, mountPath: /tls, readOnly: true}
            {{- end }}
            {{- if $data }}
            - {name: data, mountPath: /data}
            {{- end }}
            {{- with $values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - {name: tmp, emptyDir: {}}
        {{- with include "sluice.tlsSecret" .root }}
        - {name: tls, secret: {secretName: {{ . }}, defaultMode: 0440}}
        {{- end }}
        {{- if $data }}
        - name: data
          {{- if $values.persistence.claim }}
          persistentVolumeClaim: {claimName: {{ $values.persistence.claim }}}
          {{- else }}
          emptyDir: {sizeLimit: {{ $values.persistence.size }}}
          {{- end }}
        {{- end }}
        {{- with $values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $values.spreadOver }}
      topologySpreadConstraints:
        {{- range . }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "sluice.selector" $ | nindent 14 }}
        {{- end }}
      {{- end }}
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}
