{{- if .a }}x{{ else if eq .b 1 }}y{{ else }}z{{ end -}}
{{ range $i, $e := .list }}{{ $i }}{{ break }}{{ else }}-{{ end }}{{ with $x := .map }}{{ $x.a }}{{ else with .b }}{{ . }}{{ end }}
