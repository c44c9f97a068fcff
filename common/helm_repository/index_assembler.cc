// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/index_assembler.h"

#include <algorithm>
#include <deque>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm_repository/entry_check.h"
#include "common/helm_repository/index_json.h"
#include "common/helm_repository/value_events.h"
#include "common/helm_repository/yaml_events.h"
#include "common/text/quote.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::helm_repository {
namespace {

using Kind = IndexPiece::Kind;

constexpr absl::string_view kSeparator = ",\n";

// Fills a ReadPiece.
class Collector : public ChartSink {
 public:
  explicit Collector(ReadPiece& piece) : piece_(piece) {}

  absl::Status BeginChart(absl::string_view name, bool is_null) override {
    piece_.charts.push_back({std::string(name), is_null, {}});
    return absl::OkStatus();
  }
  absl::Status Entry(ChartEntry& entry) override {
    kept_.clear();
    if (!CheckEntry(entry, kept_)) return absl::OkStatus();
    const size_t begin = piece_.texts.size();
    AppendEntry(entry, piece_.texts);
    const size_t size = piece_.texts.size() - begin;
    piece_.texts.append(kSeparator.data(), kSeparator.size());
    piece_.charts.back().versions.push_back(
        {semver::Version::Parse(entry.version).value(), begin, size});
    return absl::OkStatus();
  }

 private:
  ReadPiece& piece_;
  std::deque<std::string> kept_;
};

absl::Status ReadEvents(EventReader& events, Syntax syntax, ReadPiece& piece) {
  Collector collector(piece);
  switch (piece.kind) {
    case Kind::kDocument:
    case Kind::kHead:
      return ReadIndex(events, syntax, piece.head, collector);
    case Kind::kCharts:
      return ReadCharts(events, syntax, collector);
    case Kind::kVersions:
      piece.charts.emplace_back();
      return ReadVersions(events, syntax, collector);
  }
  return absl::OkStatus();
}

ReadPiece Empty(const IndexPiece& piece) {
  ReadPiece result;
  result.kind = piece.kind;
  result.json = piece.json;
  return result;
}

absl::StatusOr<ReadPiece> ReadValue(const IndexPiece& piece, Value value, Syntax syntax) {
  ReadPiece result = Empty(piece);
  ValueEvents events(std::move(value));
  RETURN_IF_ERROR(ReadEvents(events, syntax, result));
  return result;
}

absl::StatusOr<Value> OnlyDocument(absl::string_view text) {
  ASSIGN_OR_RETURN(std::vector<value::YamlDocument> documents,
                   value::ParseYamlStream(text, {.strict = true}));
  if (documents.size() != 1) {
    return absl::InvalidArgumentError("yaml: another document begins between two charts");
  }
  return std::move(documents[0].value);
}

absl::StatusOr<ReadPiece> ReadYaml(const IndexPiece& piece) {
  ReadPiece result = Empty(piece);
  result.texts.reserve(piece.text.size() + piece.text.size() / 2);
  const bool whole = piece.kind == Kind::kDocument || piece.kind == Kind::kHead;
  YamlEvents events(piece.text,
                    whole ? YamlEvents::Documents::kFirst : YamlEvents::Documents::kAll);
  if (ReadEvents(events, Syntax::kYaml, result).ok()) return result;
  // Whatever it was: this reader knows all of YAML, and the words for what is wrong.
  auto value = whole ? value::ParseYaml(piece.text, {.strict = true}) : OnlyDocument(piece.text);
  if (!value.ok()) return Annotate(value.status(), "error converting YAML to JSON");
  auto read = ReadValue(piece, *std::move(value), Syntax::kYaml);
  if (!read.ok()) {
    return Annotate(read.status(), "error unmarshaling JSON: while decoding JSON");
  }
  return read;
}

}  // namespace

absl::StatusOr<ReadPiece> Read(const IndexPiece& piece) {
  if (piece.kind == Kind::kDocument && piece.text.empty()) {
    return absl::InvalidArgumentError("empty index.yaml file");
  }
  if (piece.json) {
    auto value = value::ParseJson(piece.text);
    if (value.ok()) return ReadValue(piece, *std::move(value), Syntax::kJson);
    // Braces are YAML, too; of a part of an index nobody can tell.
    if (piece.kind != Kind::kDocument) return value.status();
  }
  return ReadYaml(piece);
}

absl::Status IndexAssembler::Add(ReadPiece piece, Spool spool) {
  if (piece.kind == Kind::kDocument || piece.kind == Kind::kHead) head_ = std::move(piece.head);
  if (piece.kind == Kind::kHead) return absl::OkStatus();
  const uint64_t offset = written_;
  RETURN_IF_ERROR(spool(piece.texts));
  written_ += piece.texts.size();
  for (ReadPiece::Chart& chart : piece.charts) {
    if (piece.kind != Kind::kVersions) {
      CloseChart();
      open_ = true;
      if (charts_.contains(chart.name) && !piece.json) {
        return absl::InvalidArgumentError(absl::StrCat(
            "error converting YAML to JSON: yaml: unmarshal errors:\n  key ",
            text::Quote(chart.name), " already set in map"));
      }
      open_name_ = std::move(chart.name);
      open_is_null_ = chart.is_null;
    }
    for (ReadPiece::Version& version : chart.versions) {
      open_versions_.push_back(
          {std::move(version.version), {offset + version.begin, version.size}});
    }
  }
  return absl::OkStatus();
}

void IndexAssembler::CloseChart() {
  if (!open_) return;
  open_ = false;
  std::stable_sort(open_versions_.begin(), open_versions_.end(),
                   [](const Placed& a, const Placed& b) { return b.version < a.version; });
  std::vector<Run> runs;
  for (const Placed& placed : open_versions_) {
    if (!runs.empty() &&
        runs.back().begin + runs.back().size + kSeparator.size() == placed.run.begin) {
      runs.back().size += kSeparator.size() + placed.run.size;
    } else {
      runs.push_back(placed.run);
    }
  }
  versions_ += open_versions_.size();
  open_versions_.clear();
  null_charts_.erase(open_name_);
  if (open_is_null_) null_charts_[open_name_] = true;
  charts_[open_name_] = std::move(runs);
}

absl::StatusOr<std::vector<Segment>> IndexAssembler::Finish() {
  CloseChart();
  if (head_.api_version.empty()) return absl::InvalidArgumentError("no API version specified");
  const bool any = !charts_.empty();
  head_.has_entries = head_.has_entries || any;
  std::vector<Segment> segments;
  std::string text = IndexHeadText(head_, any);
  bool first = true;
  for (const auto& [name, runs] : charts_) {
    absl::StrAppend(&text, first ? "\n    " : ",\n    ");
    first = false;
    value::AppendJsonString(name, /*escape_html=*/true, text);
    if (runs.empty()) {
      absl::StrAppend(&text, null_charts_.contains(name) ? ": null" : ": []");
      continue;
    }
    absl::StrAppend(&text, ": [\n");
    for (const Run& run : runs) {
      segments.push_back({std::move(text), run.begin, run.size});
      text = std::string(kSeparator);
    }
    text = "\n    ]";
  }
  absl::StrAppend(&text, IndexTailText(head_, any));
  segments.push_back({std::move(text), 0, 0});
  return segments;
}

}  // namespace sluice::helm_repository
