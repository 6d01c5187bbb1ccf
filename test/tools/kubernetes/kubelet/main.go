// The kubelet's own prober and its own writer of Secret and ConfigMap volumes, for tests that run a pod without a node.
//
//	kubelet probe http|https HOST PORT PATH TIMEOUT < {"Header":["value"]}   exit code 0 when the probe succeeded
//	kubelet volume FOLDER GROUP < {"name":{"data":"base64","mode":288}}      GROUP -1: no fsGroup
package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/kubernetes/pkg/probe"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"
	"k8s.io/kubernetes/pkg/volume/util"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 7 && os.Args[1] == "probe":
		err = ask(os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6])
	case len(os.Args) == 4 && os.Args[1] == "volume":
		err = write(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("usage: kubelet probe SCHEME HOST PORT PATH TIMEOUT | kubelet volume FOLDER GROUP")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// ask makes the request of an httpGet probe as the kubelet makes it, headers included, and prints result, time and answer.
func ask(scheme, host, port, path, timeout string) error {
	limit, err := time.ParseDuration(timeout)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	var headers http.Header
	if err := json.NewDecoder(os.Stdin).Decode(&headers); err != nil {
		return err
	}
	action := &v1.HTTPGetAction{Scheme: v1.URIScheme(scheme), Host: host, Port: intstr.FromInt32(int32(number)), Path: path}
	for name, values := range headers {
		for _, value := range values {
			action.HTTPHeaders = append(action.HTTPHeaders, v1.HTTPHeader{Name: name, Value: value})
		}
	}
	request, err := httpprobe.NewRequestForHTTPGetAction(action, nil, host, "probe")
	if err != nil {
		return err
	}
	started := time.Now()
	result, answer, err := httpprobe.New(false).Probe(request, limit)
	if err != nil {
		return err
	}
	fmt.Printf("%s %dms %.200q\n", result, time.Since(started).Milliseconds(), answer)
	if result != probe.Success && result != probe.Warning {
		os.Exit(1)
	}
	return nil
}

// write replaces the files of a volume, by way of the folder ..data that is swapped in one step.
func write(folder, group string) error {
	gid, err := strconv.Atoi(group)
	if err != nil {
		return err
	}
	var files map[string]struct {
		Data []byte
		Mode int32
	}
	if err := json.NewDecoder(os.Stdin).Decode(&files); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	writer, err := util.NewAtomicWriter(folder, "test")
	if err != nil {
		return err
	}
	payload := map[string]util.FileProjection{}
	for name, file := range files {
		payload[name] = util.FileProjection{Data: file.Data, Mode: file.Mode}
	}
	return writer.Write(payload, func(string) error { return own(folder, gid) })
}

// own gives what lies in a read-only volume to the fsGroup, as the kubelet's SetVolumeOwnership does: readable for the
// group, and folders with setgid.
func own(folder string, gid int) error {
	if gid < 0 {
		return nil
	}
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := os.Lchown(path, -1, gid); err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&os.ModeSymlink != 0 {
			return err
		}
		mode := info.Mode().Perm() | 0o440
		if info.IsDir() {
			mode |= 0o110 | os.ModeSetgid
		}
		return os.Chmod(path, mode)
	})
}
