// SPDX-License-Identifier: Apache-2.0
#include "common/artifact_composition/copy.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/archive/pack.h"
#include "common/fs/memory_tree.h"
#include "common/fs/walk.h"
#include "common/testing/status_matchers.h"

namespace sluice::artifact_composition {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using Files = std::map<std::string, std::string>;
using api::CopyStrategy;

std::shared_ptr<const fs::Tree> TreeOf(const Files& files) {
  return std::make_shared<const fs::MemoryTree>(fs::MemoryTree::FromFiles(files).value());
}

std::string Tarball(const Files& files) {
  std::string bytes;
  const auto packed = archive::Pack(*TreeOf(files), [&bytes](absl::string_view piece) {
    bytes.append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  REQUIRE_THAT(packed, IsOk());
  return bytes;
}

// Every file by its path, and every directory by its path with a "/".
Files Content(const fs::Tree& tree) {
  Files files;
  const auto walked =
      fs::Walk(tree, "", {},
               [&](absl::string_view path, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
                 if (entry.type == fs::EntryType::kFile) {
                   files[std::string(path)] = tree.Read(path).value();
                 } else if (!path.empty()) {
                   files[absl::StrCat(path, "/")] = "";
                 }
                 return fs::Visit::kContinue;
               });
  REQUIRE_THAT(walked, IsOk());
  return files;
}

const Files& Source() {
  static const auto* const kFiles =
      new Files{{"config.yaml", "c"},        {"README.md", "r"},          {"configs/a.yaml", "a"},
                {"configs/sub/b.yaml", "b"}, {"configs/sub/doc.md", "d"}, {"infra/one/x.yaml", "x"},
                {"infra/two/y.yaml", "y"}};
  return *kFiles;
}

absl::StatusOr<Files> Run(const std::vector<api::CopyOperation>& operations,
                          const Files& source = Source()) {
  Composition target;
  const absl::Status status = ApplyCopies(
      Context::Background(), operations,
      {{"s", TreeOf(source)}, {"other", TreeOf({{"values.yaml", "a: 2\nb: [9]\n"}})}}, target);
  if (!status.ok()) return status;
  return Content(target);
}

TEST_CASE("copies follow cp", "[artifact_generator]") {
  struct Row {
    const char* from;
    const char* to;
    Files files;
  };
  const Row rows[] = {
      {"@s/config.yaml", "@artifact/apps/app.yaml", {{"apps/", ""}, {"apps/app.yaml", "c"}}},
      {"@s/config.yaml", "@artifact/apps/", {{"apps/", ""}, {"apps/config.yaml", "c"}}},
      {"@s/./configs/../config.yaml", "@artifact/", {{"config.yaml", "c"}}},
      {"@s/configs/*.yaml",
       "@artifact/d/",
       {{"d/", ""}, {"d/configs/", ""}, {"d/configs/a.yaml", "a"}}},
      {"@s/configs/sub",
       "@artifact/d",
       {{"d/", ""}, {"d/sub/", ""}, {"d/sub/b.yaml", "b"}, {"d/sub/doc.md", "d"}}},
      {"@s/configs/",
       "@artifact/",
       {{"configs/", ""},
        {"configs/a.yaml", "a"},
        {"configs/sub/", ""},
        {"configs/sub/b.yaml", "b"},
        {"configs/sub/doc.md", "d"}}},
      {"@s/configs/**",
       "@artifact/d/",
       {{"d/", ""},
        {"d/a.yaml", "a"},
        {"d/sub/", ""},
        {"d/sub/b.yaml", "b"},
        {"d/sub/doc.md", "d"}}},
      // Only a literal directory is left out of the path.
      {"@s/conf*/**",
       "@artifact/",
       {{"configs/", ""},
        {"configs/a.yaml", "a"},
        {"configs/sub/", ""},
        {"configs/sub/b.yaml", "b"},
        {"configs/sub/doc.md", "d"}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.from, row.to);
    CHECK(Run({{row.from, row.to, {}, CopyStrategy::kOverwrite}}).value() == row.files);
  }
  CHECK(Run({{"@s/", "@artifact/", {}, CopyStrategy::kOverwrite}}).value().size() == 12);
  CHECK(Run({{"@s/**", "@artifact/", {}, CopyStrategy::kOverwrite}}).value().size() == 12);
}

TEST_CASE("a later copy overwrites an earlier one, and goes into a directory that is there",
          "[artifact_generator]") {
  CHECK(Run({{"@s/config.yaml", "@artifact/x", {}, {}}, {"@s/README.md", "@artifact/x", {}, {}}})
            .value() == Files{{"x", "r"}});
  CHECK(Run({{"@s/infra/one", "@artifact/", {}, {}}, {"@s/README.md", "@artifact/one", {}, {}}})
            .value() == Files{{"one/", ""}, {"one/x.yaml", "x"}, {"one/README.md", "r"}});
  CHECK_THAT(
      Run({{"@s/README.md", "@artifact/one", {}, {}}, {"@s/infra/one", "@artifact/", {}, {}}})
          .status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, "one is a file"));
}

TEST_CASE("exclusions are about the source's root or the selected part", "[artifact_generator]") {
  struct Row {
    const char* from;
    std::vector<std::string> exclude;
    std::vector<std::string> files;
  };
  const Row rows[] = {
      {"@s/configs/**", {"*.md"}, {"a.yaml", "sub/", "sub/b.yaml"}},
      {"@s/configs/**", {"sub/**"}, {"a.yaml"}},
      {"@s/configs/**", {"configs/sub/**"}, {"a.yaml"}},
      {"@s/configs/**", {"**/sub/*.yaml"}, {"a.yaml", "sub/", "sub/doc.md"}},
      {"@s/infra", {"one/**"}, {"infra/", "infra/two/", "infra/two/y.yaml"}},
      {"@s/infra", {"infra/one"}, {"infra/", "infra/two/", "infra/two/y.yaml"}},
      {"@s/config.yaml", {"*.yaml"}, {}},
      {"@s/config.yaml", {"other.yaml"}, {"config.yaml"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.from, row.exclude);
    const Files copied = Run({{row.from, "@artifact/", row.exclude, {}}}).value();
    std::vector<std::string> files;
    for (const auto& [path, text] : copied) files.push_back(path);
    CHECK(files == row.files);
  }
}

TEST_CASE("Merge merges what is there already", "[artifact_generator]") {
  const Files source = {{"values.yaml", "a: 1\nb: [1, 2]\nc: {d: x, e: 5000000}\n"},
                        {"more.yaml", "c: {d: w}\n---\nc: {f: null}\n"}};
  const auto merged =
      Run({{"@s/values.yaml", "@artifact/", {}, CopyStrategy::kMerge},
           {"@other/values.yaml", "@artifact/values.yaml", {}, CopyStrategy::kMerge},
           {"@s/more.yaml", "@artifact/values.yaml", {}, CopyStrategy::kMerge}},
          source);
  CHECK(merged.value().at("values.yaml") == "a: 2\nb:\n- 9\nc:\n  d: w\n  e: 5000000\n  f: null\n");
  CHECK_THAT(
      Run({{"@s/a", "@artifact/", {}, {}}, {"@s/b", "@artifact/a", {}, CopyStrategy::kMerge}},
          {{"a", "x: 1"}, {"b", "- 1"}})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "cannot unmarshal array"));
}

TEST_CASE("Extract unpacks archives", "[artifact_generator]") {
  const Files source = {{"web-1.0.tgz", Tarball({{"web/Chart.yaml", "1"}})},
                        {"old/db.TAR.GZ", Tarball({{"db/Chart.yaml", "2"}})},
                        {"old/note.txt", "3"}};
  CHECK(
      Run({{"@s/web-1.0.tgz", "@artifact/charts/", {}, CopyStrategy::kExtract}}, source).value() ==
      Files{{"charts/", ""}, {"charts/web/", ""}, {"charts/web/Chart.yaml", "1"}});
  CHECK(Run({{"@s/**", "@artifact/", {"web*"}, CopyStrategy::kExtract}}, source).value() ==
        Files{{"db/", ""}, {"db/Chart.yaml", "2"}});
  CHECK_THAT(Run({{"@s/old", "@artifact/", {}, CopyStrategy::kExtract}}, source).status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "extract strategy is not supported for directories, got 'old'"));
  CHECK_THAT(
      Run({{"@s/old/note.txt", "@artifact/", {}, CopyStrategy::kExtract}}, source).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "requires tarball file (.tar.gz or .tgz)"));
  CHECK_THAT(
      Run({{"@s/a.tgz", "@artifact/", {}, CopyStrategy::kExtract}}, {{"a.tgz", "no"}}).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "from '@s/a.tgz'"));
}

TEST_CASE("a copy that cannot be done says which and why", "[artifact_generator]") {
  struct Row {
    const char* from;
    const char* to;
    std::vector<std::string> exclude;
    const char* error;
  };
  const Row rows[] = {
      {"@s/none.yaml", "@artifact/", {}, "source 'none.yaml' does not exist"},
      {"@s/*.json", "@artifact/", {}, "no files match pattern '*.json' in source 's'"},
      {"@s/*.md", "@artifact/", {"*.md"}, "all files matching pattern '*.md' in source 's' were"},
      {"@s/[", "@artifact/", {}, "invalid glob pattern '[': syntax error in pattern"},
      {"@s/*.md", "@artifact/", {"[*.md"}, "invalid exclude pattern '[*.md'"},
      {"@none/*", "@artifact/", {}, "source alias 'none' not found"},
      {"s/*", "@artifact/", {}, "source must start with '@'"},
      {"@s", "@artifact/", {}, "source format must be '@alias/pattern'"},
      {"@s/*", "@artefact/", {}, "destination must start with '@artifact/'"},
      {"@s/../x", "@artifact/", {}, "failed to stat source '../x'"},
      {"@s/config.yaml", "@artifact/../x", {}, "invalid copy destination '@artifact/../x'"},
      {"@s/config.yaml", "@artifact//etc/x", {}, "invalid copy destination"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.from, row.to);
    const absl::Status status = Run({{row.from, row.to, row.exclude, {}}}).status();
    CHECK_FALSE(status.ok());
    CHECK_THAT(std::string(status.message()), Catch::Contains(row.error));
    CHECK_THAT(std::string(status.message()),
               Catch::StartsWith(absl::StrCat("failed to apply copy operation from '", row.from)));
  }
}

TEST_CASE("copying ends with its context", "[artifact_generator]") {
  Composition target;
  const Context ended = Context::Background().WithTimeout(absl::ZeroDuration());
  CHECK_THAT(
      ApplyCopies(ended, {{"@s/**", "@artifact/", {}, {}}}, {{"s", TreeOf(Source())}}, target),
      StatusIs(absl::StatusCode::kDeadlineExceeded, ""));
}

}  // namespace
}  // namespace sluice::artifact_composition
