// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/index_splitter.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace sluice::helm_repository {
namespace {

constexpr size_t kNone = std::string::npos;
// A version is cut off its chart only in a piece that is this much larger than wanted.
constexpr size_t kVersionFactor = 2;

bool BeginsJson(absl::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != absl::string_view::npos && text[first] == '{';
}

// What is not one byte a character, where lines cannot be told.
bool IsWide(absl::string_view text) {
  return absl::StartsWith(text, "\xff\xfe") || absl::StartsWith(text, "\xfe\xff");
}

// "entries:" with nothing but a comment behind it.
bool IsEntriesLine(absl::string_view line) {
  bool found = false;
  for (const absl::string_view key : {"entries:", "\"entries\":", "'entries':"}) {
    found = found || absl::ConsumePrefix(&line, key);
  }
  if (!found) return false;
  const size_t next = line.find_first_not_of(" \t\r\n");
  return next == absl::string_view::npos || (line[next] == '#' && next > 0);
}

bool IsItem(absl::string_view text) {
  return text[0] == '-' && (text.size() == 1 || text[1] == ' ' || text[1] == '\t' ||
                            text[1] == '\r' || text[1] == '\n');
}

}  // namespace

absl::Status IndexSplitter::CheckSize() const {
  if (piece_.text.size() + rest_.size() + head_.size() <= options_.most) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("more than ", options_.most,
                   " bytes of the index belong together; expected one version of a chart below "
                   "`entries` to begin before that"));
}

void IndexSplitter::BeginPiece(IndexPiece::Kind kind) {
  piece_ = IndexPiece{.kind = kind, .json = json_, .text = "", .first_line = line_ + 1};
}

absl::Status IndexSplitter::Cut(Emit emit) {
  if (piece_.text.empty()) return absl::OkStatus();
  IndexPiece piece;
  std::swap(piece, piece_);
  return emit(std::move(piece));
}

absl::Status IndexSplitter::Feed(absl::string_view bytes, Emit emit) {
  if (!large_) {
    start_.append(bytes.data(), bytes.size());
    if (start_.size() <= options_.whole) return absl::OkStatus();
    if (IsWide(start_)) {
      return start_.size() <= options_.most
                 ? absl::OkStatus()
                 : absl::ResourceExhaustedError("an index in UTF-16 is too large");
    }
    large_ = true;
    json_ = BeginsJson(start_);
    rest_ = std::move(start_);
  } else {
    rest_.append(bytes.data(), bytes.size());
  }
  RETURN_IF_ERROR(json_ ? FeedJson(emit) : FeedYaml(emit));
  return CheckSize();
}

absl::Status IndexSplitter::Finish(Emit emit) {
  if (!large_) return emit(IndexPiece{.json = BeginsJson(start_), .text = std::move(start_)});
  if (!json_ && !rest_.empty()) {
    rest_ += '\n';
    RETURN_IF_ERROR(FeedYaml(emit));
  }
  RETURN_IF_ERROR(CheckSize());
  if (json_ && !piece_.text.empty()) return EmitJson("", "", emit);  // broken off
  RETURN_IF_ERROR(Cut(emit));
  // Without a line that says "entries:" as written here, all of it is the head; Go reads keys in
  // any case.
  return emit(
      IndexPiece{.kind = had_charts_ ? IndexPiece::Kind::kHead : IndexPiece::Kind::kDocument,
                 .json = json_,
                 .text = std::move(head_)});
}

// --- YAML.

absl::Status IndexSplitter::FeedYaml(Emit emit) {
  absl::string_view left = rest_;
  while (true) {
    const size_t end = left.find('\n');
    if (end == absl::string_view::npos) break;
    RETURN_IF_ERROR(YamlLine(left.substr(0, end + 1), emit));
    left.remove_prefix(end + 1);
  }
  rest_.erase(0, rest_.size() - left.size());
  return absl::OkStatus();
}

absl::Status IndexSplitter::YamlLine(absl::string_view line, Emit emit) {
  const size_t indent = line.find_first_not_of(' ');
  const absl::string_view content = line.substr(indent);
  const bool blank =
      content.find_first_not_of("\t\r\n") == absl::string_view::npos || content[0] == '#';
  if (place_ == Place::kCharts && !blank) {
    if (indent == 0 && !IsItem(content)) {
      RETURN_IF_ERROR(Cut(emit));
      place_ = Place::kHead;
    } else if (chart_indent_ == kNone) {
      chart_indent_ = indent;
    } else if (IsItem(content) && version_indent_ == kNone) {
      version_indent_ = indent;
    } else if (indent == chart_indent_ && !IsItem(content)) {
      version_indent_ = kNone;
      if (piece_.kind == IndexPiece::Kind::kVersions || piece_.text.size() >= options_.piece) {
        RETURN_IF_ERROR(Cut(emit));
        BeginPiece(IndexPiece::Kind::kCharts);
      }
    } else if (IsItem(content) && indent == version_indent_ &&
               piece_.text.size() >= kVersionFactor * options_.piece) {
      RETURN_IF_ERROR(Cut(emit));
      BeginPiece(IndexPiece::Kind::kVersions);
    }
  }
  ++line_;
  std::string& target = place_ == Place::kHead ? head_ : piece_.text;
  target.append(line.data(), line.size());
  if (place_ == Place::kHead && !had_charts_ && indent == 0 && IsEntriesLine(line)) {
    place_ = Place::kCharts;
    had_charts_ = true;
    BeginPiece(IndexPiece::Kind::kCharts);
  }
  if (line_ % 1024 == 0) return CheckSize();
  return absl::OkStatus();
}

// --- JSON.

absl::Status IndexSplitter::EmitJson(absl::string_view before, absl::string_view after, Emit emit) {
  piece_.text = absl::StrCat(before, piece_.text, after);
  return Cut(emit);
}

absl::Status IndexSplitter::FeedJson(Emit emit) {
  const std::string bytes = std::move(rest_);
  rest_.clear();
  for (const char c : bytes) RETURN_IF_ERROR(JsonByte(c, emit));
  return absl::OkStatus();
}

absl::Status IndexSplitter::JsonByte(char c, Emit emit) {
  std::string& target = place_ == Place::kHead ? head_ : piece_.text;
  if (c == '\n') ++line_;
  if (in_string_) {
    target += c;
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      return absl::OkStatus();
    }
    if (at_key_ && depth_ == 1) key_ += c;
    return absl::OkStatus();
  }
  if (after_cut_) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return absl::OkStatus();
    after_cut_ = false;
    if (c == ',') return absl::OkStatus();
  }
  switch (c) {
    case '"':
      in_string_ = true;
      if (at_key_ && depth_ == 1) key_.clear();
      break;
    case ':':
      if (depth_ == 1) at_key_ = false;
      break;
    case ',':
      if (depth_ == 1) at_key_ = true;
      break;
    case '{':
    case '[':
      ++depth_;
      if (depth_ == 1) at_key_ = true;
      if (depth_ == 2 && c == '{' && key_ == "entries" && !at_key_ && !had_charts_) {
        place_ = Place::kCharts;
        had_charts_ = true;
        head_ += "null";
        BeginPiece(IndexPiece::Kind::kCharts);
        piece_.text = "{";
        return absl::OkStatus();
      }
      break;
    case '}':
    case ']':
      if (depth_ > 0) --depth_;
      break;
    default:
      break;
  }
  target += c;
  if (place_ == Place::kHead) return absl::OkStatus();
  if (depth_ == 1) {  // the end of all charts
    place_ = Place::kHead;
    return Cut(emit);
  }
  if (depth_ == 2 && c == ']') {  // the end of a chart
    const bool versions = piece_.kind == IndexPiece::Kind::kVersions;
    if (!versions && piece_.text.size() < options_.piece) return absl::OkStatus();
    RETURN_IF_ERROR(versions ? Cut(emit) : EmitJson("", "}", emit));
    BeginPiece(IndexPiece::Kind::kCharts);
    piece_.text = "{";
    after_cut_ = true;
  } else if (depth_ == 3 && c == '}' &&
             piece_.text.size() >= kVersionFactor * options_.piece) {  // the end of a version
    const bool versions = piece_.kind == IndexPiece::Kind::kVersions;
    RETURN_IF_ERROR(EmitJson("", versions ? "]" : "]}", emit));
    BeginPiece(IndexPiece::Kind::kVersions);
    piece_.text = "[";
    after_cut_ = true;
  }
  return absl::OkStatus();
}

}  // namespace sluice::helm_repository
