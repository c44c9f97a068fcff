// SPDX-License-Identifier: Apache-2.0
#include "common/log/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <iterator>

#include "absl/base/const_init.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/value/json.h"

namespace sluice::log {
namespace {

// The one place in common/ with process-wide state: a log has one standard error to write to.
std::atomic<Level> configured_level = Level::kInfo;
std::atomic<Encoding> configured_encoding = Encoding::kJson;
std::atomic<void (*)(absl::string_view)> configured_sink = nullptr;
ABSL_CONST_INIT absl::Mutex write_mutex(absl::kConstInit);

constexpr absl::string_view kLevelNames[] = {"trace", "debug", "info", "error"};

bool Enabled(Level level) { return level >= configured_level.load(std::memory_order_relaxed); }

std::string Json(const Value& value) {
  return value::FormatJson(value, {.indent = 0, .escape_html = false});
}

void AppendPair(std::string& line, absl::string_view key, const Value& value) {
  if (line.back() != '{') line.push_back(',');
  absl::StrAppend(&line, Json(Value(key)), ":", Json(value));
}

// A pair of the call hides a field of the context of the same name, and a later field an earlier
// one: no key stands in a line twice.
void AppendFields(std::string& line, const Context& ctx, Pairs pairs) {
  const LogFields& fields = ctx.fields();
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    const auto same_key = [&](const auto& other) { return other.first == field->first; };
    if (field->first == "logger" || std::any_of(std::next(field), fields.end(), same_key) ||
        std::any_of(pairs.begin(), pairs.end(), same_key)) {
      continue;
    }
    AppendPair(line, field->first, Value(field->second));
  }
  for (const auto& [key, value] : pairs) AppendPair(line, key, value);
}

// The context's field "logger" if it has one: it stands before the message, as in Flux's lines.
absl::string_view LoggerName(const Context& ctx) {
  absl::string_view name;
  for (const auto& [key, value] : ctx.fields()) {
    if (key == "logger") name = value;
  }
  return name;
}

std::string JsonLine(const Context& ctx, Level level, absl::string_view time,
                     absl::string_view message, const absl::Status& error, Pairs pairs) {
  std::string line = absl::StrCat("{\"level\":\"", kLevelNames[static_cast<int>(level)],
                                  "\",\"ts\":\"", time, "\"");
  if (const absl::string_view logger = LoggerName(ctx); !logger.empty()) {
    AppendPair(line, "logger", Value(logger));
  }
  AppendPair(line, "msg", Value(message));
  AppendFields(line, ctx, pairs);
  if (!error.ok()) AppendPair(line, "error", Value(error.message()));
  line.append("}\n");
  return line;
}

std::string ConsoleLine(const Context& ctx, Level level, absl::string_view time,
                        absl::string_view message, const absl::Status& error, Pairs pairs) {
  std::string line =
      absl::StrCat(time, "\t", absl::AsciiStrToUpper(kLevelNames[static_cast<int>(level)]), "\t");
  if (const absl::string_view logger = LoggerName(ctx); !logger.empty()) {
    absl::StrAppend(&line, logger, "\t");
  }
  // Escaped, so that text from outside cannot start a line of its own.
  absl::StrAppend(&line, absl::Utf8SafeCEscape(message));
  std::string fields = "{";
  AppendFields(fields, ctx, pairs);
  if (!error.ok()) AppendPair(fields, "error", Value(error.message()));
  if (fields.size() > 1) absl::StrAppend(&line, "\t", fields, "}");
  line.push_back('\n');
  return line;
}

void WriteAll(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // nowhere left to complain to
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void Emit(const Context& ctx, Level level, absl::string_view message, const absl::Status& error,
          Pairs pairs) {
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", RealClock().Now(), absl::UTCTimeZone());
  const std::string line = configured_encoding.load(std::memory_order_relaxed) == Encoding::kJson
                               ? JsonLine(ctx, level, time, message, error, pairs)
                               : ConsoleLine(ctx, level, time, message, error, pairs);
  const absl::MutexLock lock(&write_mutex);
  if (const auto sink = configured_sink.load(); sink != nullptr) {
    sink(line);
  } else {
    WriteAll(line);
  }
}

}  // namespace

absl::StatusOr<Level> ParseLevel(absl::string_view name) {
  for (size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (kLevelNames[i] == name) return static_cast<Level>(i);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("log level \"", absl::CEscape(name), "\" is none of trace, debug, info, error"));
}

absl::StatusOr<Encoding> ParseEncoding(absl::string_view name) {
  if (name == "json") return Encoding::kJson;
  if (name == "console") return Encoding::kConsole;
  return absl::InvalidArgumentError(
      absl::StrCat("log encoding \"", absl::CEscape(name), "\" is none of json, console"));
}

void Configure(Level level, Encoding encoding) {
  configured_level = level;
  configured_encoding = encoding;
}

void SetSink(void (*sink)(absl::string_view line)) { configured_sink = sink; }

void Trace(const Context& ctx, absl::string_view message, Pairs pairs) {
  if (Enabled(Level::kTrace)) Emit(ctx, Level::kTrace, message, absl::OkStatus(), pairs);
}

void Debug(const Context& ctx, absl::string_view message, Pairs pairs) {
  if (Enabled(Level::kDebug)) Emit(ctx, Level::kDebug, message, absl::OkStatus(), pairs);
}

void Info(const Context& ctx, absl::string_view message, Pairs pairs) {
  if (Enabled(Level::kInfo)) Emit(ctx, Level::kInfo, message, absl::OkStatus(), pairs);
}

void Error(const Context& ctx, const absl::Status& error, absl::string_view message, Pairs pairs) {
  if (Enabled(Level::kError)) Emit(ctx, Level::kError, message, error, pairs);
}

}  // namespace sluice::log
