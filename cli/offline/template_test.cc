// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/template.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "cli/offline/chart_files.h"
#include "cli/offline/template_output.h"
#include "common/disk/temp_dir.h"
#include "common/template_environment/system_environment.h"
#include "common/testing/status_matchers.h"

namespace sluice::cli {
namespace {

using ::sluice::testing::StatusIs;

// A chart on disk with a manifest, a test and a definition.
class ChartFolder {
 public:
  ChartFolder() {
    Write("Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    Write("values.yaml", "replicas: 1\n");
    Write("templates/a.yaml",
          "kind: Deployment\nreplicas: {{ .Values.replicas }}\nns: {{ .Release.Namespace }}\n");
    Write("templates/tests/t.yaml",
          "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n");
    Write("crds/c.yaml", "kind: CustomResourceDefinition\n");
  }

  void Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = std::filesystem::path(chart()) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  std::string chart() const { return temp_.path() + "/chart"; }
  std::string operator/(const std::string& name) const { return temp_.path() + "/" + name; }

 private:
  disk::TempDir temp_ = disk::TempDir::Create("template-test").value();
};

struct Printed {
  absl::Status status;
  std::string out;
};

Printed Run(const TemplateOptions& options) {
  std::ostringstream out;
  std::ostringstream err;
  Printed printed;
  template_environment::SystemEnvironment environment;
  printed.status = Template(options, environment, out, err);
  printed.out = out.str();
  return printed;
}

TEST_CASE("a chart is printed as helm template prints it", "[cli]") {
  const ChartFolder folder;
  constexpr absl::string_view kManifest =
      "---\n# Source: web/templates/a.yaml\nkind: Deployment\nreplicas: 3\nns: default\n";
  constexpr absl::string_view kTest =
      "---\n# Source: web/templates/tests/t.yaml\nkind: Pod\n"
      "metadata: {name: t, annotations: {helm.sh/hook: test}}\n\n";
  TemplateOptions options{.words = {"rel", folder.chart()}, .set = {"replicas=3"}};
  CHECK(Run(options).out == absl::StrCat(kManifest, kTest));
  options.skip_tests = true;
  CHECK(Run(options).out == kManifest);
  options.include_crds = true;
  CHECK(absl::StartsWith(Run(options).out, "---\n# Source: web/crds/c.yaml\n"));
  options.show_only = {"templates/*.yaml"};
  CHECK(Run(options).out == absl::StrCat(kManifest, "\n"));
  options.show_only = {"templates/none.yaml"};
  CHECK_THAT(Run(options).status, StatusIs(absl::StatusCode::kNotFound,
                                           "could not find template templates/none.yaml in chart"));
}

TEST_CASE("templates go to files where that is asked for", "[cli]") {
  const ChartFolder folder;
  const std::string directory = folder / "out";
  TemplateOptions options{.words = {"rel", folder.chart()}, .output_dir = directory};
  options.use_release_name = true;
  const Printed printed = Run(options);
  CHECK(printed.out == absl::StrCat("wrote ", directory, "/rel/web/templates/a.yaml\nwrote ",
                                    directory, "/rel/web/templates/tests/t.yaml\n\n"));
  std::ifstream in(directory + "/rel/web/templates/a.yaml");
  std::string line;
  std::getline(in, line);
  CHECK(line == "---");
}

TEST_CASE("errors are Helm's", "[cli]") {
  const ChartFolder folder;
  folder.Write("bad.yaml", "- a\n");
  struct Row {
    TemplateOptions options;
    const char* message;
  };
  const std::string chart = folder.chart();
  const Row rows[] = {
      {{.words = {}}, "requires at least 1 argument"},
      {{.words = {"a", chart, "b", "c"}},
       "expected at most two arguments, unexpected arguments: b, c"},
      {{.words = {"rel", folder / "none"}}, "not found"},
      {{.words = {"rel", "repo/chart"}}, "not fetched"},
      {{.words = {"Rel", chart}},
       "release name check failed: release name \"Rel\": invalid release name, must match regex"},
      {{.words = {"rel", chart}, .kube_version = "x"},
       "invalid kube version 'x': could not parse \"x\" as version"},
      {{.words = {"rel", chart}, .set = {"a"}},
       "failed parsing --set data: key \"a\" has no value"},
      {{.words = {"rel", chart}, .values = {folder / "none.yaml"}},
       "none.yaml: no such file or directory"},
      {{.words = {"rel", chart}, .values = {chart + "/bad.yaml"}},
       "cannot unmarshal array into Go value of type map[string]interface {}"},
      {{.words = {"rel", chart}, .values = {"https://example.com/v.yaml"}}, "not fetched"},
      {{.words = {"rel", chart}, .validate = true}, "--validate asks a cluster"},
      {{.words = {"rel", chart}, .dependency_update = true}, "--dependency-update fetches charts"},
      {{.words = {"rel", chart}, .post_renderer = "x"}, "--post-renderer starts a program"},
      {{.words = {"rel", chart + "/Chart.yaml"}}, "seems to be a YAML file"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const Printed printed = Run(row.options);
    CHECK_FALSE(printed.status.ok());
    CHECK(absl::StrContains(printed.status.message(), row.message));
    CHECK(printed.out.empty());
  }
}

TEST_CASE("what is no YAML is printed for debugging only", "[cli]") {
  const ChartFolder folder;
  folder.Write("templates/bad.yaml", "a: b: c\n");
  TemplateOptions options{.words = {folder.chart()}};
  CHECK(absl::EndsWith(Run(options).status.message(),
                       "\n\nUse --debug flag to render out invalid YAML"));
  CHECK(Run(options).out.empty());
  options.debug = true;
  CHECK_FALSE(absl::StrContains(Run(options).status.message(), "--debug"));
  CHECK(absl::StrContains(Run(options).out, "# Source: web/templates/bad.yaml\na: b: c\n"));
}

TEST_CASE("a release's name is given, made or a default", "[cli]") {
  const auto name = [](const TemplateOptions& options) {
    const auto words = NameAndChartOf(options, helm::Dialect::kHelm4);
    return words.ok() ? words->name : std::string(words.status().message());
  };
  CHECK(name({.words = {"rel", "c"}}) == "rel");
  CHECK(name({.words = {"c"}}) == "release-name");
  CHECK(name({.words = {"c"}, .name_template = "x-{{ add 1 2 }}"}) == "x-3");
  CHECK(name({.words = {"c"}, .generate_name = true}) == "release-name");
  CHECK(name({.words = {"rel", "c"}, .generate_name = true}) ==
        "cannot set --generate-name and also specify a name");
}

TEST_CASE("the content of a file is guessed as Helm does", "[cli]") {
  CHECK(ContentType("short") == "application/octet-stream");
  CHECK(ContentType(std::string(600, 'a')) == "text/plain; charset=utf-8");
  CHECK(ContentType(std::string(600, '\1')) == "application/octet-stream");
}

}  // namespace
}  // namespace sluice::cli
