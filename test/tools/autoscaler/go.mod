module example.com/tools/autoscaler

go 1.24.0

require k8s.io/autoscaler/vertical-pod-autoscaler v1.4.1
