// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/build.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "common/disk/temp_dir.h"
#include "common/testing/status_matchers.h"

namespace sluice::cli {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kObjects[] =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n---\n"
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: site}\n";

class Folder {
 public:
  Folder() : directory_(disk::TempDir::Create("sluice-build-test-").value()) {
    Write("app/kustomization.yaml", "resources: [all.yaml]\n");
    Write("app/all.yaml", kObjects);
  }

  const std::string& path() const { return directory_.path(); }
  std::string operator/(const char* name) const { return path() + "/" + name; }
  void Write(const char* name, const std::string& text) const {
    const std::filesystem::path file = *this / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::string Read(const char* name) const {
    std::ostringstream text;
    text << std::ifstream(*this / name).rdbuf();
    return text.str();
  }

 private:
  disk::TempDir directory_;
};

TEST_CASE("a folder is found from where the command runs", "[cli]") {
  const Folder folder;
  BuildOptions options;
  for (const std::string& name :
       {std::string("app"), std::string("./app/"), std::string("nowhere/../app"), folder / "app"}) {
    CAPTURE(name);
    options.folder = name;
    const auto built = BuildFolder(options, folder.path());
    REQUIRE_THAT(built.status(), IsOk());
    CHECK(absl::StartsWith(built->ToYaml(), "apiVersion: v1\nkind: Namespace\n"));
  }
  options.reorder = "none";
  CHECK(absl::StartsWith(BuildFolder(options, folder.path())->ToYaml(),
                         "apiVersion: v1\nkind: ConfigMap\n"));
}

TEST_CASE("flags decide what a build may read", "[cli]") {
  const Folder folder;
  folder.Write("over/kustomization.yaml", "resources: [../app/all.yaml, link.yaml]\n");
  folder.Write("elsewhere/one.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n");
  // Links lead anywhere on this machine, as for kustomize.
  std::filesystem::create_symlink(folder / "elsewhere/one.yaml", folder / "over/link.yaml");
  BuildOptions options;
  options.folder = folder / "over";
  CHECK_THAT(BuildFolder(options, "/").status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "security; file '" + folder / "app/all.yaml" + "' is not in or below '"));
  options.load_restrictor = "LoadRestrictionsNone";
  const auto built = BuildFolder(options, "/");
  REQUIRE_THAT(built.status(), IsOk());
  CHECK(built->resources.size() == 3);
}

TEST_CASE("what is no folder with a kustomization is refused", "[cli]") {
  const Folder folder;
  struct Row {
    const char* folder;
    absl::StatusCode code;
    const char* message;
  };
  const Row rows[] = {
      {"", absl::StatusCode::kInvalidArgument, "directory path cannot be empty"},
      {"none", absl::StatusCode::kNotFound, "must build at directory: not a valid directory"},
      {"app/all.yaml", absl::StatusCode::kInvalidArgument, "file is not directory"},
      {".", absl::StatusCode::kNotFound, "unable to find one of 'kustomization.yaml'"},
      {"https://example.org/r.git//x", absl::StatusCode::kInvalidArgument, "nothing is fetched"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.folder);
    BuildOptions options;
    options.folder = row.folder;
    CHECK_THAT(BuildFolder(options, folder.path()).status(), StatusIs(row.code, row.message));
  }
}

TEST_CASE("the result goes where --output says", "[cli]") {
  const Folder folder;
  BuildOptions options;
  options.folder = folder / "app";
  const kustomize::BuildResult result = BuildFolder(options, "/").value();

  CHECK_THAT(WriteResult(result, folder / "out.yaml"), IsOk());
  CHECK(folder.Read("out.yaml") == result.ToYaml());
  folder.Write("longer.yaml", std::string(10'000, 'x'));
  std::filesystem::create_symlink("longer.yaml", folder / "link.yaml");
  CHECK_THAT(WriteResult(result, folder / "link.yaml"), IsOk());
  CHECK(folder.Read("longer.yaml") == result.ToYaml());

  std::filesystem::create_directory(folder / "out");
  CHECK_THAT(WriteResult(result, folder / "out"), IsOk());
  CHECK(folder.Read("out/v1_configmap_m.yaml") ==
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n");
  CHECK(folder.Read("out/v1_namespace_site.yaml") ==
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: site\n");

  CHECK_THAT(WriteResult(result, folder / "no/out.yaml"),
             StatusIs(absl::StatusCode::kNotFound, "no such file or directory"));
  CHECK_THAT(WriteResult(result, "/dev/full"),
             StatusIs(absl::StatusCode::kResourceExhausted, "no space left"));
}

TEST_CASE("charts are rendered when asked, and not otherwise", "[cli]") {
  const Folder folder;
  folder.Write("site/kustomization.yaml",
               "namePrefix: x-\n"
               "helmCharts:\n"
               "- name: web\n"
               "  releaseName: rel\n"
               "  namespace: prod\n"
               "  valuesInline: {replicas: 3}\n"
               "  kubeVersion: '1.30'\n");
  folder.Write("site/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
  folder.Write("site/charts/web/values.yaml", "replicas: 1\nimage: nginx\n");
  folder.Write("site/charts/web/templates/map.yaml",
               "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
               "  namespace: {{ .Release.Namespace }}\ndata:\n"
               "  replicas: {{ .Values.replicas | quote }}\n  image: {{ .Values.image }}\n"
               "  kube: {{ .Capabilities.KubeVersion.Version }}\n");
  BuildOptions options;
  options.folder = "site";
  CHECK_THAT(BuildFolder(options, folder.path()).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "--enable-helm"));
  options.enable_helm = true;
  const auto built = BuildFolder(options, folder.path());
  REQUIRE_THAT(built.status(), IsOk());
  CHECK(built->ToYaml() ==
        "apiVersion: v1\ndata:\n  image: nginx\n  kube: v1.30\n  replicas: \"3\"\n"
        "kind: ConfigMap\nmetadata:\n  name: x-rel\n  namespace: prod\n");
}

}  // namespace
}  // namespace sluice::cli
