// SPDX-License-Identifier: Apache-2.0
#include "common/helm/loader.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "common/archive/gzip.h"
#include "common/archive/tar_writer.h"
#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kChartYaml[] = "apiVersion: v2\nname: web\nversion: 0.1.0\n";

std::vector<ChartFile> WithChartYaml(std::vector<ChartFile> files, std::string yaml = kChartYaml) {
  files.push_back({"Chart.yaml", std::move(yaml)});
  return files;
}

// A tar.gz of these files, in order.
std::string Archive(const std::vector<ChartFile>& files) {
  std::string tar;
  archive::TarWriter writer([&](absl::string_view bytes) {
    tar.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  for (const ChartFile& file : files) {
    archive::TarEntry entry{.name = file.name, .mode = 0644, .size = file.data.size()};
    REQUIRE(writer.Begin(entry).ok());
    REQUIRE(writer.Write(file.data).ok());
  }
  REQUIRE(writer.Finish().ok());
  return archive::Gzip(tar);
}

std::vector<std::string> NamesOf(const std::vector<ChartFile>& files) {
  std::vector<std::string> names;
  for (const ChartFile& file : files) names.push_back(file.name);
  return names;
}

TEST_CASE("files find their place in a chart, in any order", "[helm]") {
  const auto chart = LoadFiles(WithChartYaml({{"templates/a.yaml", "a"},
                                              {"templates/NOTES.txt", "n"},
                                              {"crds/c.yaml", "c"},
                                              {"values.yaml", "replicas: 3\n"},
                                              {"values.schema.json", "{}"},
                                              {"charts/sub/Chart.yaml", kChartYaml},
                                              {"charts/sub/templates/s.yaml", "s"},
                                              {"charts/.hidden", "x"},
                                              {"charts/sub.tgz.prov", "signed"},
                                              {"README.md", "r"}}))
                         .value();
  CHECK(chart->metadata.name == "web");
  CHECK(NamesOf(chart->templates) ==
        std::vector<std::string>{"templates/a.yaml", "templates/NOTES.txt"});
  CHECK(NamesOf(chart->files) ==
        std::vector<std::string>{"crds/c.yaml", "charts/sub.tgz.prov", "README.md"});
  CHECK(chart->values["replicas"].kind() == Value::Kind::kDouble);
  CHECK(chart->schema == "{}");
  REQUIRE(chart->dependencies.size() == 1);
  CHECK(NamesOf(chart->dependencies[0]->templates) == std::vector<std::string>{"templates/s.yaml"});
}

TEST_CASE("Chart.yaml is read as Go reads it", "[helm]") {
  const auto chart = LoadFiles({{"Chart.yaml",
                                 "NAME: web\nversion: 1.10\nappVersion: 1e3\ndeprecated: yes\n"
                                 "description: \"a\\tb\\u0007c\"\nunknown: [1]\n"}})
                         .value();
  CHECK(chart->metadata.api_version == "v1");
  CHECK(chart->metadata.version == "1.1");
  CHECK(chart->metadata.app_version == "1000");
  CHECK(chart->metadata.deprecated);
  CHECK(chart->metadata.description == "a bc");
}

TEST_CASE("dependencies of old charts stand in requirements.yaml", "[helm]") {
  const auto chart = LoadFiles({{"Chart.yaml", "name: web\nversion: 1.0.0\n"},
                                {"requirements.yaml", "dependencies: [{name: db, version: ^1}]"},
                                {"requirements.lock", "digest: x"}})
                         .value();
  REQUIRE(chart->metadata.dependencies.size() == 1);
  CHECK(chart->metadata.dependencies[0].version == "^1");
  CHECK(NamesOf(chart->files) ==
        std::vector<std::string>{"requirements.yaml", "requirements.lock"});
  CHECK((*chart->lock)["digest"].str() == "x");
}

TEST_CASE("what a chart says of itself has no control characters", "[helm][advisory]") {
  const auto chart = LoadFiles(
      {{"Chart.yaml", "name: a\nversion: 1.0.0\ndescription: \"a\\e[2Jb\\nc\"\nappVersion: "
                      "\"\\e]0;x\\a1\"\ndependencies: []\n"}});
  REQUIRE_THAT(chart.status(), IsOk());
  CHECK((*chart)->metadata.description == "a[2Jb c");
  CHECK((*chart)->metadata.app_version == "]0;x1");
}

TEST_CASE("charts that are none are refused in Helm's words", "[helm]") {
  struct Row {
    std::vector<ChartFile> files;
    const char* message;
  };
  const Row rows[] = {
      {{}, "Chart.yaml file is missing"},
      {{{"Chart.yaml", "["}},
       "cannot load Chart.yaml: error converting YAML to JSON: yaml: line 1"},
      {{{"Chart.yaml", "- a"}},
       "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot "
       "unmarshal array into Go value of type v2.Metadata"},
      {{{"Chart.yaml", "keywords: x"}},
       "json: cannot unmarshal string into Go struct field Metadata.keywords of type []string"},
      {{{"Chart.yaml", "dependencies: [{tags: 1}]"}},
       "json: cannot unmarshal number into Go struct field Dependency.dependencies.tags of type "
       "[]string"},
      {{{"Chart.yaml", "name: a/b\nversion: 1.0.0"}},
       "validation: chart.metadata.name \"a/b\" is invalid"},
      {{{"Chart.yaml", "name: a"}}, "validation: chart.metadata.version is required"},
      {{{"Chart.yaml", "name: a\nversion: one"}},
       "validation: chart.metadata.version \"one\" is invalid"},
      {{{"Chart.yaml", "name: a\nversion: 1.0.0\ntype: tool"}},
       "validation: chart.metadata.type must be application or library"},
      {{{"Chart.yaml", "name: a\nversion: 1.0.0\ndependencies: [{name: b, alias: ../c}]"}},
       "has disallowed characters in the alias"},
      {{{"Chart.yaml", "name: a\nversion: 1.0.0\ndependencies: [{name: b, alias: \"c\\nd\"}]"}},
       "has disallowed characters in the alias"},
      {WithChartYaml({{"values.yaml", "- a"}}),
       "cannot load values.yaml: cannot unmarshal yaml document: error unmarshaling JSON"},
      {WithChartYaml({{"charts/README.md", "x"}}),
       "error unpacking subchart README.md in web: Chart.yaml file is missing"},
      {WithChartYaml({{"charts/x.tgz", "x"}}),
       "error unpacking subchart x.tgz in web: unexpected EOF"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK_THAT(LoadFiles(row.files).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("of several documents of values Helm 4 merges all, Helm 3 takes the first", "[helm]") {
  const std::vector<ChartFile> files =
      WithChartYaml({{"values.yaml", "a: {b: 1}\n--- # more\na: {c: 2}\n"}});
  CHECK(LoadFiles(files, {.dialect = Dialect::kHelm4}).value()->values["a"].size() == 2);
  CHECK(LoadFiles(files, {.dialect = Dialect::kHelm3}).value()->values["a"].size() == 1);
}

TEST_CASE("archives are unpacked below their one folder", "[helm]") {
  const std::string inner = Archive({{"db/Chart.yaml", "name: db\nversion: 1.0.0"}});
  const auto chart =
      LoadArchive(Archive({{"web/Chart.yaml", std::string("\xEF\xBB\xBF") + kChartYaml},
                           {"web\\templates\\a.yaml", "a"},
                           {"web/./x/../NEWS", "n"},
                           {"web/charts/db.tgz", inner}}))
          .value();
  CHECK(NamesOf(chart->templates) == std::vector<std::string>{"templates/a.yaml"});
  CHECK(NamesOf(chart->files) == std::vector<std::string>{"NEWS"});
  REQUIRE(chart->dependencies.size() == 1);
  CHECK(chart->dependencies[0]->metadata.name == "db");
}

TEST_CASE("archives that are damaged or lead elsewhere are refused", "[helm]") {
  struct Row {
    std::string bytes;
    const char* message;
  };
  const Row rows[] = {
      {"", "EOF"},
      {"abc", "unexpected EOF"},
      {"this is no archive", "gzip: invalid header"},
      {Archive({}), "no files in chart archive"},
      {Archive({{"web//etc/passwd", ""}}), "chart illegally contains absolute paths"},
      {Archive({{"web/../../x", ""}}), "chart illegally references parent directory"},
      {Archive({{"x", ""}}), "chart illegally contains content outside the base directory: \"x\""},
      {Archive({{"web/c:/x", ""}}), "chart contains illegally named files"},
      {Archive({{"Chart.yaml/x", ""}}), "chart yaml not in base directory"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK_THAT(LoadArchive(row.bytes).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("what is too large is refused before it is unpacked", "[helm]") {
  const std::string archive =
      Archive({{"web/Chart.yaml", kChartYaml}, {"web/a", std::string(1000, 'a')}});
  CHECK(LoadArchive(archive, {.limits = {.file_bytes = 1000}}).ok());
  CHECK_THAT(LoadArchive(archive, {.limits = {.file_bytes = 999}}).status(),
             StatusIs(absl::StatusCode::kResourceExhausted,
                      "file \"web/a\" is larger than the maximum file size 999"));
  CHECK_THAT(LoadArchive(archive, {.limits = {.chart_bytes = 999}}).status(),
             StatusIs(absl::StatusCode::kResourceExhausted,
                      "decompressed chart is larger than the maximum size 999"));
  CHECK_THAT(LoadArchive(archive, {.limits = {.files = 1}}).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "too many files"));
  std::string nested = Archive({{"web/Chart.yaml", kChartYaml}});
  for (int i = 0; i < 3; ++i) {
    nested = Archive({{"web/Chart.yaml", kChartYaml}, {"web/charts/web.tgz", nested}});
  }
  CHECK(LoadArchive(nested).ok());
  CHECK_THAT(LoadArchive(nested, {.limits = {.depth = 3}}).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "nested deeper than 3"));
  CHECK_THAT(LoadArchive(nested, {.limits = {.charts = 3}}).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "too many dependencies"));
}

TEST_CASE("a folder is loaded with its links, but for what .helmignore names", "[helm]") {
  fs::MemoryTree tree = fs::MemoryTree::FromFiles({{"Chart.yaml", kChartYaml},
                                                   {".helmignore", "*.bak\n/docs/\n"},
                                                   {"templates/a.yaml", "a"},
                                                   {"templates/.swp", "x"},
                                                   {"old.bak", "x"},
                                                   {"docs/x", "x"},
                                                   {"shared/b.yaml", "b"}})
                            .value();
  REQUIRE(tree.AddSymlink("templates/b.yaml", "../shared/b.yaml").ok());
  const auto chart = LoadTree(tree).value();
  CHECK(NamesOf(chart->templates) ==
        std::vector<std::string>{"templates/a.yaml", "templates/b.yaml"});
  CHECK(chart->templates[1].data == "b");
  CHECK(NamesOf(chart->files) == std::vector<std::string>{".helmignore", "shared/b.yaml"});

  REQUIRE(tree.AddSymlink("out", "../../etc/passwd").ok());
  CHECK_THAT(LoadTree(tree).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "leads out of the chart"));
}

TEST_CASE("links in a circle end", "[helm]") {
  fs::MemoryTree tree = fs::MemoryTree::FromFiles({{"Chart.yaml", kChartYaml}}).value();
  REQUIRE(tree.AddSymlink("a", "b").ok());
  REQUIRE(tree.AddSymlink("b", "a").ok());
  CHECK_THAT(LoadTree(tree).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "too many links"));
  fs::MemoryTree deep = fs::MemoryTree::FromFiles({{"Chart.yaml", kChartYaml}}).value();
  REQUIRE(deep.AddDirectory("d").ok());
  REQUIRE(deep.AddSymlink("d/again", "../d").ok());
  CHECK_THAT(LoadTree(deep).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "folders are nested deeper"));
}

}  // namespace
}  // namespace sluice::helm
