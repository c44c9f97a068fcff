// SPDX-License-Identifier: Apache-2.0
#include "common/helm/engine.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/helm/loader.h"
#include "common/helm/release.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm {
namespace {

using ::sluice::testing::StatusIs;

constexpr char kChartYaml[] = "apiVersion: v2\nname: c\nversion: 0.1.0\n";

std::shared_ptr<const Chart> Load(std::vector<ChartFile> files, Dialect dialect = Dialect::kHelm4) {
  files.push_back({"Chart.yaml", kChartYaml});
  return LoadFiles(std::move(files), {.dialect = dialect}).value();
}

absl::StatusOr<RenderedFiles> Rendered(std::vector<ChartFile> files,
                                       const RenderOptions& options = {}) {
  return Render(Load(std::move(files), options.dialect), Value::EmptyObject(),
                {.release = {.name = "rel", .namespace_name = "ns"}}, options);
}

// What one template gives, or the error.
std::string Text(const std::string& text, const RenderOptions& options = {}) {
  const auto files = Rendered({{"templates/t.yaml", text}}, options);
  return files.ok() ? files->at("c/templates/t.yaml") : std::string(files.status().message());
}

TEST_CASE("templates see the objects of Helm", "[helm]") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {"{{ .Release.Name }} {{ .Release.Namespace }} {{ .Release.Revision }} {{ .Release.IsInstall "
       "}}",
       "rel ns 1 true"},
      {"{{ .Chart.Name }}-{{ .Chart.Version }} {{ .Chart.IsRoot }} {{ .Chart.nothing }}",
       "c-0.1.0 true "},
      {"{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Minor }}", "v1.36.0 36"},
      {"{{ .Capabilities.APIVersions.Has \"apps/v1\" }} {{ .Capabilities.APIVersions.Has \"x/v1\" "
       "}}",
       "true false"},
      {"{{ .Template.Name }} {{ .Template.BasePath }}", "c/templates/t.yaml c/templates"},
      {"{{ typeOf .Values }} {{ kindOf .Chart }}", "common.Values map"},
      {"{{ .Values.nothing }}<no value>", ""},
      {"{{ tpl \"{{ .Release.Name }}\" . }} {{ tpl \"plain\" . }}", "rel plain"},
      {"{{ define \"x\" }}[{{ . }}]{{ end }}{{ include \"x\" 1 }}", "[1]"},
      {"{{ tpl `{{ define \"y\" }}in{{ end }}{{ include \"y\" . }}` . }}", "in"},
      {"{{ lookup \"v1\" \"Pod\" \"ns\" \"p\" }}", "map[]"},
      {"{{ required \"gone\" 0 }}", "0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Text(row.text) == row.expected);
  }
}

TEST_CASE("errors are told in Helm's words", "[helm]") {
  struct Row {
    const char* text;
    const char* helm3;
    const char* helm4;
  };
  const Row rows[] = {
      {"{{ fail \"no: way\" }}", "execution error at (c/templates/t.yaml:1:3): no: way",
       "execution error at (c/templates/t.yaml:1:3): no: way"},
      {"{{ required \"gone\" \"\" }}", "execution error at (c/templates/t.yaml:1:3): gone",
       "execution error at (c/templates/t.yaml:1:3): gone"},
      {"\n{{ nope }}", "parse error at (c/templates/t.yaml:2): function \"nope\" not defined",
       "parse error at (c/templates/t.yaml:2): function \"nope\" not defined"},
      {"{{ include \"none\" . }}",
       "template: c/templates/t.yaml:1:3: executing \"c/templates/t.yaml\" at <include \"none\" "
       ".>: "
       "error calling include: template: no template \"none\" associated with template \"gotpl\"",
       "c/templates/t.yaml:1:3\n  executing \"c/templates/t.yaml\" at <include \"none\" .>:\n    "
       "error calling include:\ntemplate: no template \"none\" associated with template \"gotpl\""},
      {"{{ .Values.a.b }}",
       "template: c/templates/t.yaml:1:10: executing \"c/templates/t.yaml\" at <.Values.a.b>: nil "
       "pointer evaluating interface {}.b",
       "c/templates/t.yaml:1:10\n  executing \"c/templates/t.yaml\" at <.Values.a.b>:\n    nil "
       "pointer evaluating interface {}.b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Text(row.text, {.dialect = Dialect::kHelm3}) == row.helm3);
    CHECK(Text(row.text, {.dialect = Dialect::kHelm4}) == row.helm4);
  }
}

TEST_CASE("a template that includes itself ends", "[helm]") {
  const std::string text =
      Text("{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}");
  CHECK(absl::StrContains(text, "rendering template has a nested reference name: x"));
  CHECK(absl::StrContains(Text("{{ define \"y\" }}{{ tpl (include \"z\" .) . }}{{ end }}"
                               "{{ define \"z\" }}{{ `{{ include \"y\" . }}` }}{{ end }}"
                               "{{ include \"y\" . }}"),
                          "nested"));
}

TEST_CASE("templates are bounded by the session's limits", "[helm]") {
  RenderOptions options;
  options.limits.steps = 1000;
  CHECK_THAT(
      Rendered({{"templates/t.yaml", "{{ range until 10000 }}x{{ end }}"}}, options).status(),
      StatusIs(absl::StatusCode::kResourceExhausted, "1000 evaluation steps"));
}

TEST_CASE("deeper files come first, and see what later ones have not done yet", "[helm]") {
  const auto files =
      Rendered({{"templates/a.yaml", "{{ .Values.k }}"},
                {"templates/z.yaml", "{{ $_ := set .Values \"k\" \"z\" }}{{ .Values.k }}"},
                {"templates/_p.yaml", "never alone"},
                {"templates/sub/a.yaml", "{{ .Values.k }}"},
                {"templates/NOTES.txt", "n"}})
          .value();
  CHECK(files == RenderedFiles{{"c/templates/a.yaml", "z"},
                               {"c/templates/z.yaml", "z"},
                               {"c/templates/sub/a.yaml", ""},
                               {"c/templates/NOTES.txt", "n"}});
}

TEST_CASE("files other than templates are at hand", "[helm]") {
  const std::vector<ChartFile> files = {
      {"conf/a.ini", "x=1\ny=2\n"},
      {"conf/b.ini", "z"},
      {"empty", ""},
      {"templates/get.yaml", "{{ .Files.Get \"conf/b.ini\" }}{{ .Files.Get \"none\" }}"},
      {"templates/lines.yaml", "{{ range .Files.Lines \"conf/a.ini\" }}<{{ . }}>{{ end }}"},
      {"templates/config.yaml", "{{ (.Files.Glob \"conf/*\").AsConfig }}"},
      {"templates/secrets.yaml", "{{ (.Files.Glob \"conf/b*\").AsSecrets }}"}};
  auto rendered = Rendered(files).value();
  CHECK(rendered["c/templates/get.yaml"] == "z");
  CHECK(rendered["c/templates/lines.yaml"] == "<x=1><y=2>");
  CHECK(rendered["c/templates/config.yaml"] == "a.ini: |\n  x=1\n  y=2\nb.ini: z");
  CHECK(rendered["c/templates/secrets.yaml"] == "b.ini: eg==");
}

TEST_CASE("lookup asks who was given", "[helm]") {
  class OnePod : public Lookup {
   public:
    absl::StatusOr<Value> Find(absl::string_view api_version, absl::string_view kind,
                               absl::string_view namespace_name, absl::string_view name) override {
      if (kind != "Pod") return absl::NotFoundError(absl::StrCat("no kind ", kind));
      return Value(
          {{"name", absl::StrCat(api_version, "/", namespace_name, "/", name)}, {"restarts", 3}});
    }
  };
  OnePod lookup;
  CHECK(Text("{{ (lookup \"v1\" \"Pod\" \"ns\" \"p\").name }}", {.lookup = &lookup}) == "v1/ns/p");
  CHECK(Text("{{ eq (lookup \"v1\" \"Pod\" \"ns\" \"p\").restarts 3 }}", {.lookup = &lookup}) ==
        "true");
  CHECK(absl::StrContains(Text("{{ lookup \"v1\" \"X\" \"\" \"\" }}", {.lookup = &lookup}),
                          "error calling lookup: no kind X"));
}

TEST_CASE("values are checked against the schema, unless that is switched off", "[helm]") {
  const std::vector<ChartFile> files = {
      {"values.yaml", "a: text"},
      {"values.schema.json", R"({"properties": {"a": {"type": "integer"}}})"}};
  CHECK_THAT(Rendered(files).status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "values don't meet the specifications of the schema(s) in the following "
                      "chart(s):\nc:\n- at '/a': got string, want integer\n"));
  CHECK(Rendered(files, {.skip_schema = true}).ok());
}

TEST_CASE("a chart parsed once renders the same in several threads", "[helm]") {
  const auto chart =
      Load({{"templates/_h.tpl", "{{ define \"n\" }}{{ .Release.Name }}{{ end }}"},
            {"templates/a.yaml", "{{ include \"n\" . }}{{ set .Values \"k\" 1 | len }}"}});
  const ParsedChart parsed(chart, Dialect::kHelm4);
  std::vector<std::string> texts(8);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < texts.size(); ++i) {
      threads.emplace_back([&, i] {
        const auto files = Render(chart, Value::EmptyObject(),
                                  {.release = {.name = absl::StrCat("r", i)}}, {.parsed = &parsed});
        texts[i] = files.ok() ? files->at("c/templates/a.yaml") : files.status().ToString();
      });
    }
  }
  for (size_t i = 0; i < texts.size(); ++i) CHECK(texts[i] == absl::StrCat("r", i, "1"));
}

TEST_CASE("a release has manifests, hooks, notes and definitions", "[helm]") {
  const auto chart =
      Load({{"templates/a.yaml", "kind: ConfigMap\n"},
            {"templates/h.yaml", "kind: Job\nmetadata: {annotations: {helm.sh/hook: test}}\n"},
            {"templates/NOTES.txt", "Hello {{ .Release.Name }}"},
            {"crds/x.yaml", "kind: CustomResourceDefinition\n"},
            {"crds/README.md", "no"}});
  ReleaseOptions options;
  options.include_crds = true;
  const auto release =
      RenderRelease(chart, Value::EmptyObject(), {.release = {.name = "rel"}}, options).value();
  CHECK(release.notes == "Hello rel");
  CHECK(release.manifest ==
        "---\n# Source: c/crds/x.yaml\nkind: CustomResourceDefinition\n\n"
        "---\n# Source: c/templates/a.yaml\nkind: ConfigMap\n\n");
  CHECK(PrintedTemplates(release, false, true).ends_with("kind: ConfigMap\n"));
  CHECK(PrintedTemplates(release, true, false) == PrintedTemplates(release, false, false));
  CHECK(absl::StrContains(PrintedTemplates(release, true, true), "# Source: c/templates/h.yaml"));
}

TEST_CASE("a chart for another Kubernetes is refused", "[helm]") {
  const auto chart =
      LoadFiles({{"Chart.yaml", absl::StrCat(kChartYaml, "kubeVersion: '<1.20'")}}).value();
  CHECK_THAT(
      RenderRelease(chart, Value::EmptyObject(), {}, {}).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               "chart requires kubeVersion: <1.20 which is incompatible with Kubernetes v1.36.0"));
}

TEST_CASE("what is rendered passes the post-renderer, and comes back to its files", "[helm]") {
  const auto chart =
      Load({{"templates/a.yaml", "kind: ConfigMap\nmetadata: {name: a} # kept\n"},
            {"templates/h.yaml",
             "kind: Job\nmetadata:\n  name: h\n  annotations:\n    helm.sh/hook: test\n"}});
  std::vector<std::string> streams;
  ReleaseOptions options;
  options.post_render = [&](const std::string& stream) -> absl::StatusOr<std::string> {
    streams.push_back(stream);
    return stream + "---\nkind: Secret\nmetadata:\n  name: new\n";
  };
  const auto run = [&](PostRenderStrategy strategy) {
    streams.clear();
    options.post_render_strategy = strategy;
    return RenderRelease(chart, Value::EmptyObject(), {}, options).value();
  };
  const RenderedRelease combined = run(PostRenderStrategy::kCombined);
  REQUIRE(streams.size() == 1);
  CHECK(absl::StrContains(streams[0],
                          "postrenderer.helm.sh/postrender-filename: c/templates/a.yaml"));
  CHECK_FALSE(absl::StrContains(combined.manifest, "postrender-filename"));
  CHECK(absl::StrContains(combined.manifest, "# Source: c/templates/a.yaml\nkind: ConfigMap"));
  CHECK(absl::StrContains(combined.manifest, "# Source: generated-by-postrender-2.yaml\n"));
  CHECK(combined.hooks.size() == 1);
  CHECK(run(PostRenderStrategy::kSeparate).manifests.size() == 3);
  CHECK(streams.size() == 2);
  CHECK(run(PostRenderStrategy::kNoHooks).hooks.size() == 1);
  CHECK(streams.size() == 1);

  options.post_render = [](const std::string&) { return absl::InternalError("broken"); };
  CHECK_THAT(RenderRelease(chart, Value::EmptyObject(), {}, options).status(),
             StatusIs(absl::StatusCode::kInternal, "broken"));
}

TEST_CASE("dependencies that are declared must be there", "[helm]") {
  const auto chart =
      LoadFiles({{"Chart.yaml", absl::StrCat(kChartYaml, "dependencies: [{name: a}, {name: b}]")}})
          .value();
  CHECK_THAT(CheckDependencies(*chart),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "found in Chart.yaml, but missing in charts/ directory: a, b"));
  const auto library =
      LoadFiles({{"Chart.yaml", absl::StrCat(kChartYaml, "type: library")}}).value();
  CHECK_THAT(CheckInstallable(*library, Dialect::kHelm4),
             StatusIs(absl::StatusCode::kFailedPrecondition, "library charts are not installable"));
}

}  // namespace
}  // namespace sluice::helm
