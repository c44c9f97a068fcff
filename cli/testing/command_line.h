// Command lines run in the test's own process, against a development API server in it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/devapi/server.h"
#include "common/disk/temp_dir.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/value/value.h"

namespace sluice::cli::testing {

struct Output {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs `sluice WORDS…` with `input` as its standard input, as if none of it were a terminal. Not
// for several threads at once.
Output RunCommandLine(std::vector<std::string> words, absl::string_view input = "");

// An API server that serves our kinds, and command lines that reach it. What fails here ends the
// test's process.
class TestCluster {
 public:
  TestCluster();

  // With --kubeconfig of the server.
  Output Run(std::vector<std::string> words, absl::string_view input = "") const;

  // Writes the YAML documents; what they say of `status`, too.
  void Apply(absl::string_view manifests);
  // The live object, null if there is none.
  Value Live(absl::string_view api_version, absl::string_view kind, absl::string_view ns,
             absl::string_view name);
  // Everything that was asked of it goes through this.
  kube::Client& client() { return *client_; }
  const Context& ctx() const { return ctx_; }

 private:
  disk::TempDir dir_;
  std::unique_ptr<devapi::DevApiServer> server_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<kube::Discovery> discovery_;
  Context ctx_;
};

}  // namespace sluice::cli::testing
