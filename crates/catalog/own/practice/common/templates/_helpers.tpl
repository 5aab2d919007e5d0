{{- define "common.name" -}}
{{- $section := index .Values (default .Chart.Name .Values.name) | default dict -}}
{{- $base := .Values.common | deepCopy -}}
{{- $values := dict "Values" (mustMergeOverwrite $base .Values $section) -}}
{{- with mustMergeOverwrite . $values -}}
{{- default .Chart.Name .Values.name -}}
{{- end -}}
{{- end -}}

{{- define "common.labels" -}}
app: {{ template "common.name" . }}
group: {{ .Values.labels.group }}
{{- end -}}
