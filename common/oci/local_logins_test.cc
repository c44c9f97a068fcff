// SPDX-License-Identifier: Apache-2.0
#include "common/oci/local_logins.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::oci {
namespace {

using ::sluice::testing::StatusIs;

// A home of its own for as long as it lives.
class Home {
 public:
  Home() {
    REQUIRE(mkdtemp(folder_.data()) != nullptr);
    for (const char* name :
         {"DOCKER_CONFIG", "HELM_REGISTRY_CONFIG", "HELM_CONFIG_HOME", "XDG_CONFIG_HOME"}) {
      unsetenv(name);
    }
    setenv("HOME", folder_.c_str(), 1);
  }
  ~Home() {
    setenv("HOME", before_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  const std::string& path() const { return folder_; }
  void Write(const std::string& file, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(folder_) / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

 private:
  std::string folder_ = "/tmp/sluice-home.XXXXXX";
  const std::string before_ = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
};

std::string Config(const std::string& registry, const std::string& login) {
  return absl::StrCat(R"({"auths": {")", registry, R"(": {"auth": ")", absl::Base64Escape(login),
                      R"("}}})");
}

std::string UserFor(const std::string& url) {
  const Repository repository = ParseRepositoryUrl(url).value();
  return LocalLogins().value().Find(repository).value_or(Credential()).username;
}

TEST_CASE("logins of docker and helm are found where these leave them", "[oci]") {
  Home home;
  CHECK(LocalLogins().value().empty());
  home.Write(".docker/config.json", Config("ghcr.io", "docker:x"));
  home.Write(".config/helm/registry/config.json", Config("quay.io", "helm:x"));
  CHECK(UserFor("oci://ghcr.io/org/chart") == "docker");
  CHECK(UserFor("oci://quay.io/org/chart") == "helm");
  CHECK(UserFor("oci://example.com/org/chart").empty());

  home.Write(".config/helm/registry/config.json", Config("ghcr.io", "helm:x"));
  CHECK(UserFor("oci://ghcr.io/org/chart") == "docker");

  home.Write("docker/config.json", Config("example.com", "elsewhere:x"));
  setenv("DOCKER_CONFIG", (home.path() + "/docker").c_str(), 1);
  CHECK(UserFor("oci://example.com/org/chart") == "elsewhere");
  CHECK(UserFor("oci://ghcr.io/org/chart") == "helm");
}

TEST_CASE("a file of logins that cannot be read is named and not quoted", "[oci]") {
  Home home;
  home.Write(".docker/config.json", "top secret");
  const absl::Status status = LocalLogins().status();
  CHECK_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, ".docker/config.json"));
  CHECK(status.message().find("top secret") == absl::string_view::npos);
  home.Write(".docker/config.json", std::string((size_t{1} << 20) + 1, ' '));
  CHECK_THAT(LocalLogins().status(), StatusIs(absl::StatusCode::kInvalidArgument, "1 MiB"));
}

}  // namespace
}  // namespace sluice::oci
