{{- define "siegel.name" -}}
{{ printf "%s-siegel" .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "siegel.selector" -}}
app.kubernetes.io/name: siegel
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "siegel.labels" -}}
{{ include "siegel.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "siegel.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "siegel.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "siegel.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "siegel.backupVariables" -}}
- name: SIEGEL_BACKUP__DIR
  value: /var/backups/siegel
- name: SIEGEL_BACKUP__RECIPIENTS
  value: {{ printf "[%s]" (join "," .Values.backup.recipients) | quote }}
{{- end }}
