// What the scenarios fetch: the Git repositories and Helm charts that the corpus's README
// describes, served by this process.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/git_testing/scratch_directory.h"
#include "common/http/server.h"

namespace sluice::conditions {

// /repo.git and /charts for everybody, /private/repo.git and /charts-private for user:pass, and
// /status/CODE, which answers with that status.
class Fixtures {
 public:
  static absl::StatusOr<std::unique_ptr<Fixtures>> Start();

  // "http://127.0.0.1:PORT", without a slash at the end.
  std::string url() const;
  // The first commit of /repo.git's branch main; it has a successor.
  const std::string& first_commit() const { return first_commit_; }

 private:
  Fixtures() = default;
  absl::Status MakeCharts();
  http::ServerResponse Handle(const Context& ctx, const http::ServerRequest& request) const;

  git_testing::ScratchDirectory folder_;
  std::string first_commit_;
  std::map<std::string, std::string> charts_;  // file name to content
  http::Handler git_;
  std::unique_ptr<http::Server> server_;  // last: stops before the rest goes
};

}  // namespace sluice::conditions
