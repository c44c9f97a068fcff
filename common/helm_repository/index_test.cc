// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/helm_repository/index_assembler.h"
#include "common/helm_repository/index_splitter.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm_repository {
namespace {

using ::sluice::testing::StatusIs;

struct Stored {
  std::string text;
  size_t pieces = 0;
};

// The stored form of `index`, fed `block` bytes at a time.
absl::StatusOr<Stored> Store(absl::string_view index, const SplitOptions& options = {},
                             size_t block = 7) {
  Stored stored;
  std::string file;
  IndexAssembler assembler;
  IndexSplitter splitter(options);
  const auto emit = [&](IndexPiece piece) -> absl::Status {
    ++stored.pieces;
    ASSIGN_OR_RETURN(ReadPiece read, Read(piece));
    return assembler.Add(std::move(read), [&file](absl::string_view bytes) {
      file.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    });
  };
  for (; !index.empty(); index.remove_prefix(std::min(block, index.size()))) {
    RETURN_IF_ERROR(splitter.Feed(index.substr(0, block), emit));
  }
  RETURN_IF_ERROR(splitter.Finish(emit));
  ASSIGN_OR_RETURN(const std::vector<Segment> segments, assembler.Finish());
  for (const Segment& segment : segments) {
    absl::StrAppend(&stored.text, segment.text, file.substr(segment.begin, segment.size));
  }
  return stored;
}

// An index with one version of one chart, which has `fields` besides what it needs.
std::string With(absl::string_view fields) {
  return absl::StrCat("apiVersion: v1\nentries:\n  web:\n  - ", fields,
                      "\n    name: web\n    version: 1.0.0\n    urls: [web-1.0.0.tgz]\n");
}

// Expected texts are what helm.sh/helm/v4 4.2.2 loads and encoding/json prints.
TEST_CASE("an index is stored as Go prints Helm's structs", "[helm_repository]") {
  const std::string index = R"(apiVersion: v1
serverInfo: {contextPath: /v1/helm, num: 1, l: [a, {b: c}], e: {}}
annotations: {b: c, a: "<"}
publicKeys: [a, 1]
entries:
  web:
  - url: u
    tillerVersion: v
    engine: e
    checksum: c
    digest: 1.50
    removed: true
    created: 2020-01-01T00:00:00.120+02:00
    annotations: {b: "2", a: "1", version: 3}
    kubeVersion: ">=1"
    deprecated: true
    tags: t
    condition: c
    apiVersion: v2
    icon: i
    keywords: [k]
    sources: [s, t]
    home: h
    HOME: x
    description: "a<b>&c é tab\t bell\u0007"
    maintainers: [{name: a, email: e, url: u}, {}]
    type: library
    dependencies:
    - {name: a, version: ">1", repository: r, tags: [x], enabled: true, alias: z,
       import-values: [data, {child: a, num: 1.5, l: [1, []]}]}
    - {name: b}
    - {name: b}
    name: web
    version: 1.0.0
    urls: [1, true, a]
  none:
  empty: []
generated: "2024-01-01T00:00:00.000Z"
)";
  const std::string expected = R"({
  "serverInfo": {
    "contextPath": "/v1/helm",
    "e": {},
    "l": [
      "a",
      {
        "b": "c"
      }
    ],
    "num": 1
  },
  "apiVersion": "v1",
  "generated": "2024-01-01T00:00:00Z",
  "entries": {
    "empty": [],
    "none": null,
    "web": [
      {
        "name": "web",
        "home": "h",
        "sources": [
          "s",
          "t"
        ],
        "version": "1.0.0",
        "description": "a\u003cb\u003e\u0026c é tab  bell",
        "keywords": [
          "k"
        ],
        "maintainers": [
          {
            "name": "a",
            "email": "e",
            "url": "u"
          },
          {}
        ],
        "icon": "i",
        "apiVersion": "v2",
        "condition": "c",
        "tags": "t",
        "deprecated": true,
        "annotations": {
          "a": "1",
          "b": "2",
          "version": "3"
        },
        "kubeVersion": "\u003e=1",
        "dependencies": [
          {
            "name": "a",
            "version": "\u003e1",
            "repository": "r",
            "tags": [
              "x"
            ],
            "enabled": true,
            "import-values": [
              "data",
              {
                "child": "a",
                "l": [
                  1,
                  []
                ],
                "num": 1.5
              }
            ],
            "alias": "z"
          },
          {
            "name": "b",
            "repository": ""
          },
          {
            "name": "b",
            "repository": ""
          }
        ],
        "type": "library",
        "urls": [
          "1",
          "true",
          "a"
        ],
        "created": "2020-01-01T00:00:00.12+02:00",
        "removed": true,
        "digest": "1.5",
        "checksum": "c",
        "engine": "e",
        "tillerVersion": "v",
        "url": "u"
      }
    ]
  },
  "publicKeys": [
    "a",
    "1"
  ],
  "annotations": {
    "a": "\u003c",
    "b": "c"
  }
})";
  const auto stored = Store(index);
  INFO(stored.status());
  REQUIRE(stored.ok());
  CHECK(stored->text == expected);
}

TEST_CASE("only versions that Helm takes are stored, the newest first", "[helm_repository]") {
  const std::string index = R"(apiVersion: v1
entries:
  web:
  - {name: web, version: 0..1.0}
  - {name: web, version: 2.0.0}
  - null
  - {name: web, version: 10.0.0}
  - {name: web, version: v1.2}
  - {name: web, version: 3.0.0, type: nothing}
  - {name: web, version: 3.0.1, dependencies: [null]}
  - {name: web, version: 3.0.2, dependencies: [{name: a, alias: x y}]}
  - {name: web, version: 3.0.3, maintainers: [null]}
  - {name: a/b, version: 3.0.4}
  - {version: 3.0.5}
  - {name: web}
  - {name: web, version: 0..2.0}
)";
  const auto stored = Store(index);
  REQUIRE(stored.ok());
  std::vector<size_t> places;
  for (const char* version : {"\"10.0.0\"", "\"2.0.0\"", "\"v1.2\""}) {
    places.push_back(stored->text.find(version));
    REQUIRE(places.back() != std::string::npos);
  }
  CHECK(std::is_sorted(places.begin(), places.end()));
  CHECK_FALSE(absl::StrContains(stored->text, "0..1.0"));
  CHECK_FALSE(absl::StrContains(stored->text, "3.0."));
}

TEST_CASE("what is no index is refused in the reference's words", "[helm_repository]") {
  struct Row {
    std::string index;
    const char* message;
  };
  const Row rows[] = {
      {"", "empty index.yaml file"},
      {"\n# nothing\n", "no API version specified"},
      {"entries: {}\n", "no API version specified"},
      {"apiVersion: v1\nfoo: 1\n", "json: unknown field \"foo\""},
      {With("foo: bar"), "json: unknown field \"foo\""},
      {With("home: a\n    home: b"), "line 5: key \"home\" already set in map"},
      {With("annotations: {a: b, a: c}"), "line 4: key \"a\" already set in map"},
      {"apiVersion: v1\nentries:\n  a: []\n  a: []\n", "key \"a\" already set in map"},
      {With("appVersion: 1.0"),
       "json: cannot unmarshal number into Go struct field "
       "ChartVersion.entries.Metadata.appVersion of type string"},
      {With("annotations: {a: 1}"),
       "json: cannot unmarshal number into Go struct field "
       "ChartVersion.entries.Metadata.annotations of type string"},
      {With("created: yesterday"), "parsing time \"yesterday\""},
      {"apiVersion: v1\nentries: [a]\n", "json: cannot unmarshal array into Go struct field"},
      {"apiVersion: v1\nentries:\n  web:\n  - hello\n",
       "json: cannot unmarshal string into Go struct field IndexFile.entries of type "
       "repo.ChartVersion"},
      {"apiVersion: v1\nentries:\n  web:\n  - name: \"x\n",
       "error converting YAML to JSON: yaml: line 5: found unexpected end of stream"},
      {"apiVersion: v1\nentries:\n  web:\n  - &a {name: web, version: 1.0.0}\n  - <<: *a\n"
       "    version: 2.0.0\n",
       "key \"version\" already set in map"},
      {R"({"apiVersion":"v1","entries":{"web":[{"name":"web","version":"1.0.0","digest":1}]}})",
       "json: cannot unmarshal number into Go struct field ChartVersion.entries.digest"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.index);
    CHECK_THAT(Store(row.index).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("JSON is read less strictly than YAML", "[helm_repository]") {
  const auto stored = Store(
      R"({"apiVersion":"v1","foo":1,"entries":{"web":[{"name":"old","version":"1.0.0"}],"web":[)"
      R"({"name":"web","version":"1.0.0","zzz":2},null]}})");
  REQUIRE(stored.ok());
  CHECK(absl::StrContains(stored->text, "\"name\": \"web\""));
  CHECK_FALSE(absl::StrContains(stored->text, "old"));
  // Braces that are no JSON may be YAML.
  CHECK(Store("{apiVersion: v1, entries: {web: [{name: web, version: 1.0.0}]}}").ok());
}

// 3 charts with 20 versions each, the charts in no order.
std::string Large(bool json, absl::string_view item_indent) {
  std::string text = json ? R"({ "entries" : { )" : "apiVersion: v1\nentries:\n";
  for (const char* chart : {"b", "a", "c"}) {
    absl::StrAppend(
        &text, json ? absl::StrCat(chart == std::string("b") ? "" : " , ", "\"", chart, "\" : [ ")
                    : absl::StrCat("  ", chart, ":\n"));
    for (int i = 0; i < 20; ++i) {
      const std::string note = "a: [x] - \\\"y\\\" }";
      if (json) {
        absl::StrAppend(&text, i == 0 ? "" : " , ", "{\"name\":\"", chart, "\", \"version\":\"1.",
                        i, ".0\", \"description\":\"", note, "\"}");
      } else {
        absl::StrAppend(&text, item_indent, "- name: ", chart, "\n", item_indent, "  # about it\n",
                        item_indent, "  description: \"", note, "\"\n\n", item_indent,
                        "  version: 1.", i, ".0\n");
      }
    }
    if (json) absl::StrAppend(&text, " ]");
  }
  absl::StrAppend(&text, json ? R"( } , "apiVersion" : "v1" } )" : "generated: null\n");
  return text;
}

TEST_CASE("an index read in pieces is stored as one read as a whole", "[helm_repository]") {
  const std::string yaml = Large(false, "  ");
  const auto whole = Store(yaml);
  REQUIRE(whole.ok());
  CHECK(whole->pieces == 1);
  struct Row {
    std::string index;
    size_t piece;  // bytes
    size_t block;
  };
  const Row rows[] = {
      {yaml, 1, 1},
      {yaml, 200, 64},
      {yaml, 5000, 4096},
      {Large(false, "    "), 1, 13},
      {Large(false, "    "), 300, 4096},
      {Large(true, ""), 1, 1},
      {Large(true, ""), 200, 64},
      {Large(true, ""), 5000, 4096},
  };
  for (const Row& row : rows) {
    CAPTURE(row.index.substr(0, 60), row.piece, row.block);
    const auto stored = Store(row.index, {.whole = 10, .piece = row.piece}, row.block);
    REQUIRE(stored.ok());
    CHECK(stored->pieces >= 2);
    CHECK(stored->text == whole->text);
  }
}

TEST_CASE("keys of an index are read in any case, in pieces too", "[helm_repository]") {
  for (const bool json : {false, true}) {
    const std::string index = absl::StrReplaceAll(Large(json, "  "), {{"entries", "Entries"}});
    const auto whole = Store(index);
    REQUIRE(whole.ok());
    CHECK(absl::StrContains(whole->text, "urls"));
    const auto pieces = Store(index, {.whole = 10, .piece = 1}, 64);
    REQUIRE(pieces.ok());
    CHECK(pieces->text == whole->text);
  }
}

TEST_CASE("a piece that ends within a string cannot be read", "[helm_repository]") {
  // The line that looks like another chart is part of the text.
  const std::string index =
      "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    description: \"x\n"
      "  b:\n  - name: b\"\n";
  REQUIRE(Store(index).ok());
  CHECK_THAT(Store(index, {.whole = 10, .piece = 1}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "found unexpected end of stream"));
}

TEST_CASE("repeated charts are noticed across pieces", "[helm_repository]") {
  std::string index = Large(false, "  ");
  const size_t end = index.find("generated");
  index.insert(end, "  a:\n  - {name: a, version: 9.0.0}\n");
  CHECK_THAT(Store(index, {.whole = 10, .piece = 100}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "key \"a\" already set in map"));
}

TEST_CASE("what cannot be cut is bounded", "[helm_repository]") {
  for (const char* index : {"apiVersion: v1\nentries:\n  a:\n  - description: ",
                            "apiVersion: v1\n#", R"({"entries":{"a":[{"description":")"}) {
    CAPTURE(index);
    CHECK_THAT(Store(absl::StrCat(index, std::string(5000, 'x')),
                     {.whole = 10, .piece = 100, .most = 1000}, 100)
                   .status(),
               StatusIs(absl::StatusCode::kResourceExhausted, "bytes of the index"));
  }
}

}  // namespace
}  // namespace sluice::helm_repository
