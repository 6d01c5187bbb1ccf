module example.com/tools/operator

go 1.26.0

require github.com/prometheus-operator/prometheus-operator v0.87.1
