// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/testing/command_line.h"
#include "common/disk/temp_dir.h"

namespace sluice::cli {
namespace {

using testing::RunCommandLine;
using testing::TestCluster;

class Folder {
 public:
  Folder() : directory_(disk::TempDir::Create("sluice-kustomization-test-").value()) {}

  std::string operator/(absl::string_view name) const {
    return absl::StrCat(directory_.path(), "/", name);
  }
  void Write(absl::string_view name, absl::string_view text) const {
    const std::filesystem::path file = *this / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

 private:
  disk::TempDir directory_;
};

constexpr char kKustomization[] = R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system}
spec:
  interval: 1m
  path: ./
  prune: true
  targetNamespace: default
  sourceRef: {kind: GitRepository, name: repo}
  postBuild:
    substitute: {color: red}
    substituteFrom: [{kind: ConfigMap, name: variables}]
)";

constexpr char kObjects[] = R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: "${color}", size: "${size:-small}"}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: new-password}
)";

TEST_CASE("a Kustomization is built from a folder, as the controller would", "[cli]") {
  const Folder folder;
  folder.Write("ks.yaml", kKustomization);
  folder.Write("app/objects.yaml", kObjects);
  folder.Write("app/sealed.yaml",
               "apiVersion: v1\nkind: Secret\nmetadata: {name: sealed}\n"
               "data: {key: 'ENC[AES256]'}\nsops: {version: 3.9.0}\n");
  const std::vector<std::string> words = {
      "build", "ks", "app", "--path", folder / "app", "--kustomization-file", folder / "ks.yaml"};
  std::vector<std::string> dry = words;
  dry.push_back("--dry-run");
  const auto output = RunCommandLine(dry);
  CHECK(output.err.empty());
  CHECK(output.code == 0);
  constexpr char kLabels[] =
      "  labels:\n    kustomize.toolkit.fluxcd.io/name: app\n"
      "    kustomize.toolkit.fluxcd.io/namespace: flux-system\n";
  CHECK(output.out ==
        absl::StrCat("apiVersion: v1\ndata:\n  color: red\n  size: small\nkind: ConfigMap\n"
                     "metadata:\n",
                     kLabels, "  name: settings\n  namespace: default\n---\n",
                     "apiVersion: v1\nkind: Secret\nmetadata:\n", kLabels,
                     "  name: login\n  namespace: default\nstringData:\n"
                     "  password: new-password\n---\n",
                     "apiVersion: v1\ndata:\n  key: KipTT1BTKio=\nkind: Secret\nmetadata:\n",
                     kLabels, "  name: sealed\n  namespace: default\n---\n"));
  CHECK_FALSE(std::filesystem::exists(folder / "app/kustomization.yaml"));

  // With a cluster its ConfigMaps count.
  TestCluster cluster;
  cluster.Apply(kKustomization);
  cluster.Apply(
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: variables, namespace: flux-system},\n"
      " data: {size: large}}");
  CHECK(absl::StrContains(cluster.Run({"build", "ks", "app", "--path", folder / "app"}).out,
                          "  color: red\n  size: large\n"));
}

// A Kustomization that applies another one, of a repository beside it, and what that applies.
constexpr char kParent[] = R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: parent, namespace: flux-system}
spec: {interval: 1m, prune: true, path: ./, sourceRef: {kind: GitRepository, name: fleet}}
)";
constexpr char kChild[] = R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: child, namespace: flux-system}
spec:
  {interval: 1m, prune: true, path: ./web, targetNamespace: default,
   sourceRef: {kind: GitRepository, name: apps}}
)";

TEST_CASE("nested Kustomizations are built from the folders that stand for their sources",
          "[cli]") {
  const Folder folder;
  folder.Write("ks.yaml", kParent);
  folder.Write("fleet/child.yaml", kChild);
  folder.Write("fleet/docs/note.yaml", "not: an object\n");
  folder.Write("apps/web/web.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}");
  std::vector<std::string> words = {"build",
                                    "ks",
                                    "parent",
                                    "--path",
                                    folder / "fleet",
                                    "--kustomization-file",
                                    folder / "ks.yaml",
                                    "--dry-run",
                                    "--ignore-paths",
                                    "docs/,*.md"};
  const auto flat = RunCommandLine(words);
  CHECK(flat.err == "");
  CHECK(absl::StrContains(flat.out, "name: child"));
  CHECK_FALSE(absl::StrContains(flat.out, "name: web"));
  words.push_back("--recursive");
  const auto lost = RunCommandLine(words);
  CHECK(lost.code == 2);
  CHECK(absl::StrContains(lost.err, "--local-sources GitRepository/flux-system/apps=DIR"));
  words.push_back("--local-sources");
  words.push_back(absl::StrCat("GitRepository/flux-system/apps=", folder / "apps"));
  const auto nested = RunCommandLine(words);
  CHECK(nested.err == "");
  CHECK(absl::StrContains(nested.out, "kustomize.toolkit.fluxcd.io/name: child"));
  CHECK(absl::StrContains(nested.out, "  name: web\n  namespace: default\n"));
}

TEST_CASE("a diff descends into the nested Kustomizations that are in the cluster", "[cli]") {
  const Folder folder;
  folder.Write("fleet/child.yaml", kChild);
  folder.Write("apps/web/web.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}");
  TestCluster cluster;
  cluster.Apply(kParent);
  const std::vector<std::string> words = {
      "diff",
      "ks",
      "parent",
      "--path",
      folder / "fleet",
      "--recursive",
      "--local-sources",
      absl::StrCat("GitRepository/flux-system/apps=", folder / "apps")};
  const auto before = cluster.Run(words);
  CHECK(absl::StrContains(before.out, "► Kustomization/flux-system/child created\n"));
  CHECK_FALSE(absl::StrContains(before.out, "ConfigMap/default/web"));
  cluster.Apply(kChild);
  const auto after = cluster.Run(words);
  CHECK(after.code == 1);
  CHECK(absl::StrContains(after.out, "► ConfigMap/default/web created\n"));
}

TEST_CASE("what cannot be built is refused", "[cli]") {
  const Folder folder;
  folder.Write("ks.yaml", kKustomization);
  folder.Write("app/objects.yaml",
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '${absent}'}\n");
  struct Row {
    std::vector<std::string> words;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {{"build", "ks", "app", "--dry-run", "--path", folder / "app"},
       2,
       "dry-run mode requires a kustomization file"},
      {{"build", "ks", "app", "--dry-run", "--kustomization-file", folder / "ks.yaml"},
       2,
       "--path DIR"},
      {{"build", "ks", "app", "--dry-run", "--kustomization-file", folder / "ks.yaml", "--path",
        folder / "gone"},
       2,
       "invalid resource path"},
      {{"build", "ks", "web", "--dry-run", "--kustomization-file", folder / "ks.yaml", "--path",
        folder / "app"},
       1,
       "failed find kustomization with name 'web'"},
      {{"build", "ks", "app", "--dry-run", "--kustomization-file", folder / "ks.yaml", "--path",
        folder / "app", "--strict-substitute"},
       1,
       "variable not set (strict mode): \"absent\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto output = RunCommandLine(row.words);
    CHECK(output.code == row.code);
    CHECK(absl::StrContains(output.err, row.message));
  }
}

TEST_CASE("a diff tells what applying a folder would change in the cluster", "[cli]") {
  const Folder folder;
  folder.Write("app/objects.yaml", kObjects);
  folder.Write("app/more.yaml", R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: added}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: left-alone
  annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}
)");
  TestCluster cluster;
  cluster.Apply(R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system}
spec:
  interval: 1m
  path: ./
  prune: true
  targetNamespace: default
  sourceRef: {kind: GitRepository, name: repo}
  postBuild: {substitute: {color: red}}
status:
  inventory:
    entries: [{id: default_old__ConfigMap, v: v1}, {id: default_settings__ConfigMap, v: v1}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: default}
data: {color: blue, size: small}
---
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: default}
stringData: {password: old-password}
)");
  const std::vector<std::string> words = {"diff", "ks", "app", "--path", folder / "app"};
  const auto output = cluster.Run(words);
  CHECK(output.code == 1);
  CHECK(output.err.empty());
  for (const char* part :
       {"► ConfigMap/default/added created\n", "► ConfigMap/default/left-alone skipped\n",
        "► ConfigMap/default/settings drifted\n", "► ConfigMap/default/old deleted\n",
        "\ndata.color\n  ± changed\n    - blue\n    + red\n", "► Secret/default/login drifted\n",
        "    - '*** (before)'\n    + '*** (after)'\n"}) {
    CAPTURE(part, output.out);
    CHECK(absl::StrContains(output.out, part));
  }
  for (const char* secret : {"new-password", "bmV3LXBhc3N3b3Jk", "b2xkLXBhc3N3b3Jk"}) {
    CHECK_FALSE(absl::StrContains(output.out, secret));
  }
  // Nothing was changed by looking.
  CHECK(cluster.Live("v1", "ConfigMap", "default", "settings")["data"]["color"].str() == "blue");
  CHECK(cluster.Live("v1", "ConfigMap", "default", "added").is_null());

  CHECK(cluster.Run({"diff", "ks", "gone", "--path", folder / "app"}).code == 2);
  CHECK(cluster.Run({"diff", "ks", "app", "--path", folder / "gone"}).code == 2);
}

TEST_CASE("what a diff's refusal quotes of a Secret is not printed", "[cli]") {
  const Folder folder;
  folder.Write("app/objects.yaml",
               "apiVersion: v1\nkind: ConfigMap\n"
               "metadata: {name: a, namespace: default, labels: {a: '${label}'}}\n");
  TestCluster cluster;
  cluster.Apply(R"(
apiVersion: v1
kind: Secret
metadata: {name: variables, namespace: flux-system}
stringData: {label: no label!}
)");
  cluster.Apply(R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system}
spec:
  interval: 1m
  prune: true
  sourceRef: {kind: GitRepository, name: repo}
  postBuild: {substituteFrom: [{kind: Secret, name: variables}]}
)");
  const auto output = cluster.Run({"diff", "ks", "app", "--path", folder / "app"});
  CHECK(output.code == 2);
  CHECK(absl::StrContains(output.err, "Invalid value: \"***\""));
  CHECK_FALSE(absl::StrContains(output.err, "no label!"));
}

TEST_CASE("a diff of two folders needs no cluster", "[cli]") {
  const Folder folder;
  folder.Write("old/kustomization.yaml", "resources: [a.yaml]\n");
  folder.Write("old/a.yaml",
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: one}\n---\n"
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\n");
  folder.Write("new/kustomization.yaml", "resources: [a.yaml]\n");
  folder.Write("new/a.yaml",
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: two}\n---\n"
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: added}\n");
  const auto output = RunCommandLine({"diff", "folders", folder / "old", folder / "new"});
  CHECK(output.code == 1);
  CHECK(output.out ==
        "► ConfigMap/a changed\n\ndata.k\n  ± changed\n    - one\n    + two\n\n"
        "► ConfigMap/added created\n► ConfigMap/gone deleted\n");
  const auto same = RunCommandLine({"diff", "folders", folder / "old", folder / "old"});
  CHECK(same.code == 0);
  CHECK(same.out.empty());
  CHECK(RunCommandLine({"diff", "folders", folder / "old", folder / "none"}).code == 2);
}

}  // namespace
}  // namespace sluice::cli
