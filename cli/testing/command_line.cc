// SPDX-License-Identifier: Apache-2.0
#include "cli/testing/command_line.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/app.h"
#include "common/base/context.h"
#include "common/disk/handle.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/kube/object.h"
#include "common/value/yaml.h"

namespace sluice::cli::testing {
namespace {

// A file descriptor that is a file in memory as long as this lives.
class Redirected {
 public:
  Redirected(int fd, absl::string_view content)
      : fd_(fd), saved_(dup(fd)), file_(memfd_create("redirected", MFD_CLOEXEC)) {
    if (!disk::WriteAll(file_.fd(), content, "memfd").ok()) std::abort();
    lseek(file_.fd(), 0, SEEK_SET);
    dup2(file_.fd(), fd_);
  }
  ~Redirected() { dup2(saved_.fd(), fd_); }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

  std::string Content() const {
    std::string text(static_cast<size_t>(lseek(file_.fd(), 0, SEEK_END)), '\0');
    const ssize_t size = pread(file_.fd(), text.data(), text.size(), 0);
    text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
    return text;
  }

 private:
  const int fd_;
  const disk::Handle saved_;
  const disk::Handle file_;
};

std::vector<Value> Documents(absl::string_view text) {
  const auto parsed = value::ParseYamlStream(text);
  std::vector<Value> documents;
  for (const value::YamlDocument& document : parsed.value()) documents.push_back(document.value);
  return documents;
}

// charts/sluice/crds; tests run in the source's folder.
std::vector<Value> Definitions() {
  std::vector<Value> definitions;
  for (const auto& entry : std::filesystem::directory_iterator("charts/sluice/crds")) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::vector<Value> documents = Documents(text.str());
    definitions.insert(definitions.end(), documents.begin(), documents.end());
  }
  if (definitions.empty()) std::abort();
  return definitions;
}

}  // namespace

Output RunCommandLine(std::vector<std::string> words, absl::string_view input) {
  words.insert(words.begin(), "sluice");
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  Output output;
  std::cout.flush();
  std::fflush(stdout);
  {
    const Redirected in(STDIN_FILENO, input);
    const Redirected out(STDOUT_FILENO, "");
    const Redirected err(STDERR_FILENO, "");
    std::cin.clear();
    std::clearerr(stdin);
    output.code = Main(static_cast<int>(argv.size()), argv.data());
    std::cout.flush();
    std::fflush(stdout);
    output.out = out.Content();
    output.err = err.Content();
  }
  return output;
}

TestCluster::TestCluster()
    : dir_(disk::TempDir::Create("sluice-cli-test-").value()),
      server_(devapi::DevApiServer::Start({.objects = Definitions()}).value()),
      client_(
          kube::CreateHttpClient(kube::ParseKubeconfig(server_->Kubeconfig(), "").value()).value()),
      discovery_(std::make_unique<kube::Discovery>(*client_)),
      ctx_(Context::Background().WithTimeout(absl::Minutes(1))) {
  std::ofstream(dir_.path() + "/kubeconfig") << server_->Kubeconfig();
  Apply("{apiVersion: v1, kind: Namespace, metadata: {name: flux-system}}");
}

Output TestCluster::Run(std::vector<std::string> words, absl::string_view input) const {
  words.push_back("--kubeconfig");
  words.push_back(dir_.path() + "/kubeconfig");
  return RunCommandLine(std::move(words), input);
}

void TestCluster::Apply(absl::string_view manifests) {
  for (const Value& object : Documents(manifests)) {
    const kube::Resource resource = discovery_->Resolve(ctx_, kube::GvkOf(object)).value();
    (void)client_->Apply(ctx_, resource, object, {.field_manager = "test", .force = true}).value();
    if (!object.Has("status")) continue;
    (void)client_
        ->Apply(ctx_, resource, object,
                {.field_manager = "controller", .force = true, .subresource = "status"})
        .value();
  }
}

Value TestCluster::Live(absl::string_view api_version, absl::string_view kind, absl::string_view ns,
                        absl::string_view name) {
  const kube::Resource resource =
      discovery_->Resolve(ctx_, kube::ParseGvk(api_version, kind)).value();
  return client_->Get(ctx_, resource, {std::string(ns), std::string(name)}).value_or(Value());
}

}  // namespace sluice::cli::testing
