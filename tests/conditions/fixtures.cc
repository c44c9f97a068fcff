// SPDX-License-Identifier: Apache-2.0
#include "tests/conditions/fixtures.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/archive/pack.h"
#include "common/base/status_macros.h"
#include "common/fs/memory_tree.h"
#include "common/git/smart_http.h"
#include "common/git_testing/repo_builder.h"

namespace sluice::conditions {
namespace {

using Files = std::map<std::string, std::string>;

constexpr char kUserAndPassword[] = "user:pass";

std::string ConfigMap(absl::string_view name, absl::string_view value = "b") {
  return absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ", name,
                      "\ndata:\n  a: \"", value, "\"\n");
}

std::string KustomizationOf(absl::string_view rest, absl::string_view kind = "Kustomization") {
  return absl::StrCat("apiVersion: kustomize.config.k8s.io/v1",
                      kind == "Component" ? "alpha1" : "beta1", "\nkind: ", kind, "\n", rest);
}

constexpr char kDeployment[] = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: slow
spec:
  selector:
    matchLabels: {app: slow}
  template:
    metadata:
      labels: {app: slow}
    spec:
      containers:
      - name: main
        image: x
)";
constexpr char kJob[] = R"(apiVersion: batch/v1
kind: Job
metadata:
  name: j
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: x
)";
constexpr char kEncryptedSecret[] = R"(apiVersion: v1
kind: Secret
metadata:
  name: s
data:
  a: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
sops:
  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  encrypted_regex: ^(data|stringData)$
  version: 3.9.0
)";

// The tree of the branch main but for app/v11.yaml, which its second commit brings.
const Files& RepositoryFiles() {
  static const auto* const kFiles = new Files{
      {"app/app.yaml", ConfigMap("app")},
      {"app/sub/sub.yaml", ConfigMap("sub")},
      {"kust/kustomization.yaml",
       KustomizationOf(
           "resources: [cm.yaml]\nconfigMapGenerator:\n- name: gen\n  literals: [a=b]\n")},
      {"kust/cm.yaml", ConfigMap("kust")},
      {"broken/x.yaml", "a: [\n"},
      {"nokind/x.yaml", "apiVersion: v1\nmetadata:\n  name: x\n"},
      {"missingres/kustomization.yaml", KustomizationOf("resources: [nope.yaml]\n")},
      {"invalid/x.yaml",
       "apiVersion: v1\nkind: Service\nmetadata:\n  name: bad\nspec:\n  ports:\n  - port: "
       "99999999\n"},
      {"unknownkind/x.yaml", "apiVersion: example.org/v1\nkind: Widget\nmetadata:\n  name: w\n"},
      {"subst/x.yaml", ConfigMap("subst", "${name}")},
      {"deploy/x.yaml", kDeployment},
      {"job/x.yaml", kJob},
      {"sops/x.yaml", kEncryptedSecret},
      {"dup/kustomization.yaml", KustomizationOf("resources: [a.yaml, b.yaml]\n")},
      {"dup/a.yaml", ConfigMap("same")},
      {"dup/b.yaml", ConfigMap("same")},
      {"comp/kustomization.yaml",
       KustomizationOf("labels:\n- pairs: {component: \"yes\"}\n", "Component")},
      {"empty/kustomization.yaml", KustomizationOf("resources: []\n")},
      // Never reached: the scenarios may not leave the machine.
      {"remote/kustomization.yaml", KustomizationOf("resources: ['http://127.0.0.1:1/x.yaml']\n")},
      {"escape/kustomization.yaml", KustomizationOf("resources: ['../../../../etc']\n")},
  };
  return *kFiles;
}

// Makes the repository; the first commit.
std::string BuildRepository(const std::string& path) {
  git_testing::RepoBuilder repo(path);
  for (const auto& [file, content] : RepositoryFiles()) repo.Write(file, content);
  const git::ObjectId one = repo.Commit("one\n");
  repo.Tag("v1.0.0", one);
  repo.Write("app/v11.yaml", ConfigMap("v11"));
  const git::ObjectId two = repo.Commit("two\n");
  repo.Tag("v1.1.0", two);
  repo.Tag("v2.0.0-rc.1", two);
  repo.Branch("release", two);
  return one.Hex();
}

constexpr char kWebService[] = R"(apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
  labels: {app: {{ .Release.Name }}}
spec:
  selector: {app: {{ .Release.Name }}}
  ports:
  - port: 80
)";
constexpr char kWebDeployment[] = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels: {app: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      serviceAccountName: {{ .Release.Name }}-web
      containers:
      - name: web
        image: nginx
)";
constexpr char kWebAccount[] = R"(apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}-web
  labels: {app: {{ .Release.Name }}}
)";
constexpr char kWebSchema[] =
    R"({"type": "object", "properties": {"replicaCount": {"type": "integer"}}})";

struct Chart {
  std::string name, version, app_version;
  Files files;  // besides Chart.yaml
};

std::vector<Chart> Charts() {
  const Files web = {{"values.yaml", "replicaCount: 1\n"},
                     {"values.schema.json", kWebSchema},
                     {"templates/service.yaml", kWebService},
                     {"templates/serviceaccount.yaml", kWebAccount},
                     {"templates/deployment.yaml", kWebDeployment}};
  return {
      {"web", "1.0.0", "1.16.0", web},
      {"web", "1.1.0", "1.16.0", web},
      {"web", "2.0.0-beta.1", "1.16.0", web},
      {"badtpl", "0.1.0", "", {{"templates/x.yaml", "a: {{ required \"need it\" .Values.a }}\n"}}},
      {"invchart", "0.1.0", "", {{"templates/x.yaml", RepositoryFiles().at("invalid/x.yaml")}}},
  };
}

http::ServerResponse Text(int status, absl::string_view text) {
  http::ServerResponse response{.status = status, .body = std::string(text)};
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  return response;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Fixtures>> Fixtures::Start() {
  std::unique_ptr<Fixtures> fixtures(new Fixtures());
  fixtures->first_commit_ = BuildRepository(fixtures->folder_ / "repo.git");
  RETURN_IF_ERROR(fixtures->MakeCharts());
  fixtures->git_ = git::CreateSmartHttpHandler({.root = fixtures->folder_.path()});
  Fixtures& self = *fixtures;
  ASSIGN_OR_RETURN(
      fixtures->server_,
      http::Server::Start({.address = "127.0.0.1:0"},
                          [&self](const Context& ctx, const http::ServerRequest& request) {
                            return self.Handle(ctx, request);
                          }));
  return fixtures;
}

std::string Fixtures::url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

absl::Status Fixtures::MakeCharts() {
  std::string index = "apiVersion: v1\nentries:\n";
  std::string last;
  for (const Chart& chart : Charts()) {
    std::string description = absl::StrCat("apiVersion: v2\nname: ", chart.name,
                                           "\nversion: ", chart.version, "\ntype: application\n");
    if (!chart.app_version.empty()) {
      absl::StrAppend(&description, "appVersion: ", chart.app_version, "\n");
    }
    fs::MemoryTree tree;
    RETURN_IF_ERROR(tree.AddFile(chart.name + "/Chart.yaml", description));
    for (const auto& [file, content] : chart.files) {
      RETURN_IF_ERROR(tree.AddFile(absl::StrCat(chart.name, "/", file), content));
    }
    const std::string file = absl::StrCat(chart.name, "-", chart.version, ".tgz");
    std::string& packed = charts_[file];
    RETURN_IF_ERROR(archive::Pack(
        tree,
        [](absl::string_view, const fs::Entry& entry) {
          return entry.type == fs::EntryType::kDirectory;
        },
        [&packed](absl::string_view bytes) {
          packed.append(bytes.data(), bytes.size());
          return absl::OkStatus();
        }));
    if (chart.name != last) absl::StrAppend(&index, "  ", chart.name, ":\n");
    last = chart.name;
    absl::StrAppend(&index, "  - apiVersion: v2\n    name: ", chart.name,
                    "\n    version: ", chart.version, "\n    created: \"2026-01-01T00:00:00Z\"",
                    "\n    urls: [", file, "]\n");
  }
  charts_["index.yaml"] = index + "generated: \"2026-01-01T00:00:00Z\"\n";
  return absl::OkStatus();
}

http::ServerResponse Fixtures::Handle(const Context& ctx,
                                      const http::ServerRequest& request) const {
  absl::string_view path = request.path;
  http::ServerRequest inner = request;
  if (absl::StartsWith(path, "/private/") || absl::StartsWith(path, "/charts-private/")) {
    const std::string expected = absl::StrCat("Basic ", absl::Base64Escape(kUserAndPassword));
    if (request.headers.Get("Authorization") != expected) {
      http::ServerResponse refusal = Text(401, "");
      refusal.headers.Set("WWW-Authenticate", "Basic realm=\"private\"");
      return refusal;
    }
    if (absl::ConsumePrefix(&path, "/private")) {
      inner.path = inner.raw_path = std::string(path);
      return git_(ctx, inner);
    }
  }
  if (absl::ConsumePrefix(&path, "/charts/") || absl::ConsumePrefix(&path, "/charts-private/")) {
    const auto file = charts_.find(std::string(path));
    if (file == charts_.end()) return Text(404, "404 page not found\n");
    http::ServerResponse response{.body = file->second};
    response.headers.Set("Content-Type", "application/octet-stream");
    return response;
  }
  if (int status = 0; absl::ConsumePrefix(&path, "/status/") && absl::SimpleAtoi(path, &status) &&
                      status >= 200 && status < 600) {
    return Text(status, "");
  }
  return git_(ctx, inner);
}

}  // namespace sluice::conditions
