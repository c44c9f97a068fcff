{{- define "sluice.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "sluice.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "sluice.selector" . | nindent 4 }}
  ports:
    {{- if eq .name "source-controller" }}
    - {name: http, port: 80, targetPort: http, protocol: TCP}
    {{- end }}
    - {name: grpc, port: 9393, targetPort: grpc, protocol: TCP}
    - {name: http-prom, port: 8080, targetPort: http-prom, protocol: TCP}
{{- end }}

{{- define "sluice.network" -}}
{{- if .root.Values.networkPolicy.enabled -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "sluice.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "sluice.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - {port: grpc, protocol: TCP}
        {{- if eq .name "source-controller" }}
        - {port: http, protocol: TCP}
        {{- end }}
      from:
        - podSelector: {}
        {{- with .root.Values.networkPolicy.grpcFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .root.Values.networkPolicy.metricsFrom }}
    - ports:
        - {port: http-prom, protocol: TCP}
      from:
        {{- toYaml . | nindent 8 }}
    {{- end }}
    - ports:
        - {port: healthz, protocol: TCP}
  egress:
    - {}
{{- end }}
{{- end }}

{{- define "sluice.monitor" -}}
{{- with .root.Values.serviceMonitor }}
{{- if .enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "sluice.metadata" $ | nindent 2 }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "sluice.selector" $ | nindent 6 }}
  endpoints:
    - port: http-prom
      interval: {{ .interval }}
      honorLabels: true
{{- end }}
{{- end }}
{{- end }}
