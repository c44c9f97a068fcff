// The corpus "helm" once more, through the built command: `sluice template` beside this program.
// Two commands run at a time. Notes are not compared, as the command does not print them.

// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/helm_case.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

namespace stdfs = std::filesystem;
using helm::Dialect;

constexpr size_t kCommandsAtOnce = 2;
constexpr const char* kTimeLimit = "60";  // seconds for one command

std::string Quoted(absl::string_view word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string CommandLine(const stdfs::path& sluice, const stdfs::path& charts,
                        const HelmCase& recorded, Dialect dialect) {
  const Value& fields = recorded.fields;
  std::string line = absl::StrCat("timeout ", kTimeLimit, " ", Quoted(sluice.string()),
                                  " template ", Quoted(fields["release"].str()), " ",
                                  Quoted((charts / std::string(fields["chart"].str())).string()),
                                  " -n ", Quoted(fields["namespace"].str()), " --kube-version ",
                                  Quoted(fields["kubeVersion"].str()), " --helm ",
                                  dialect == Dialect::kHelm3 ? "3" : "4");
  for (const Value& version : fields["apiVersions"].items()) {
    absl::StrAppend(&line, " -a ", Quoted(version.str()));
  }
  for (const Value& file : fields["values"].items()) {
    absl::StrAppend(&line, " -f ", Quoted(file.str()));
  }
  if (fields["includeCRDs"].bool_or(false)) absl::StrAppend(&line, " --include-crds");
  if (fields["isUpgrade"].bool_or(false)) absl::StrAppend(&line, " --is-upgrade");
  return absl::StrCat("cd ", Quoted(recorded.folder.string()), " && ", line);
}

struct Finished {
  int code = 0;
  std::string output;
};

Finished RunShell(const std::string& line) {
  Finished finished;
  FILE* const pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return {.code = -1};
  std::array<char, 1 << 16> block;
  while (const size_t read = fread(block.data(), 1, block.size(), pipe)) {
    finished.output.append(block.data(), read);
  }
  const int status = pclose(pipe);
  finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return finished;
}

// What the command says of an error, without the words around it.
std::string ErrorText(absl::string_view output) {
  const size_t error = output.rfind("Error: ");
  if (error == absl::string_view::npos) return std::string(output);
  absl::string_view text = output.substr(error + 7);
  absl::ConsumeSuffix(&text, "\n");
  absl::ConsumeSuffix(&text, "\n\nUse --debug flag to render out invalid YAML");
  return std::string(text);
}

std::vector<Mismatch> RunCase(const stdfs::path& sluice, const stdfs::path& charts,
                              const HelmCase& recorded, Dialect dialect) {
  const std::string line = CommandLine(sluice, charts, recorded, dialect);
  std::vector<Mismatch> mismatches;
  if (recorded.fails()) {
    const Finished finished = RunShell(absl::StrCat("{ ", line, "; } 2>&1 >/dev/null"));
    recorded.CompareError(finished.code == 1
                              ? ErrorText(finished.output)
                              : absl::StrCat("exit code ", finished.code, ": ", finished.output),
                          dialect, mismatches);
    return mismatches;
  }
  const Finished finished = RunShell(absl::StrCat("{ ", line, "; } 2>/dev/null"));
  if (finished.code != 0) {
    mismatches.push_back({"exit code", "0", absl::StrCat(finished.code)});
  } else {
    recorded.CompareManifest(finished.output, dialect, mismatches);
  }
  return mismatches;
}

}  // namespace

absl::Status RunHelmCommand(const stdfs::path& path, Report& report) {
  const stdfs::path sluice = stdfs::read_symlink("/proc/self/exe").parent_path() / "sluice";
  if (!stdfs::exists(sluice)) {
    return absl::NotFoundError(absl::StrCat(sluice.string(), ": not built"));
  }
  const stdfs::path root = stdfs::absolute(path);
  ASSIGN_OR_RETURN(const std::vector<HelmCase> cases, LoadHelmCases(root));
  std::vector<std::vector<Mismatch>> found(cases.size() * 2);
  std::atomic<size_t> next = 0;
  {
    std::vector<std::jthread> workers;
    for (size_t i = 0; i < kCommandsAtOnce; ++i) {
      workers.emplace_back([&] {
        for (size_t run = next++; run < found.size(); run = next++) {
          found[run] = RunCase(sluice, root / "charts", cases[run / 2],
                               run % 2 == 0 ? Dialect::kHelm3 : Dialect::kHelm4);
        }
      });
    }
  }
  for (size_t run = 0; run < found.size(); ++run) {
    report.Add(absl::StrCat(cases[run / 2].id(), run % 2 == 0 ? " (helm 3)" : " (helm 4)"),
               std::move(found[run]));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
