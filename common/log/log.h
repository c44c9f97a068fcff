// Structured logs: a constant message and key/value pairs, one line each, on standard error.
//
//   log::Info(ctx, "stored artifact", {{"revision", revision}});
//
// JSON lines carry Flux's keys (level, ts, logger, msg, then the context's fields and the pairs),
// so that `flux logs` and existing log pipelines read them. "logger" is the context's field of that
// name and stands only where there is one. A key stands in a line once: a pair hides a field.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/value/value.h"

namespace sluice::log {

enum class Level { kTrace, kDebug, kInfo, kError };
enum class Encoding { kJson, kConsole };

using Pairs = std::initializer_list<std::pair<absl::string_view, Value>>;

// "trace", "debug", "info", "error" and "json", "console", the values of Flux's --log-level and
// --log-encoding. kInvalidArgument for others.
absl::StatusOr<Level> ParseLevel(absl::string_view name);
absl::StatusOr<Encoding> ParseEncoding(absl::string_view name);

// Once, at start, before other threads run. Default: info, JSON.
void Configure(Level level, Encoding encoding);

// Thread-safe; a line is written whole.
void Trace(const Context& ctx, absl::string_view message, Pairs pairs = {});
void Debug(const Context& ctx, absl::string_view message, Pairs pairs = {});
void Info(const Context& ctx, absl::string_view message, Pairs pairs = {});
// `error` becomes the pair "error"; log an error or return it, not both.
void Error(const Context& ctx, const absl::Status& error, absl::string_view message,
           Pairs pairs = {});

// Where lines go instead of standard error; for tests. Called with one line, its newline included,
// by one thread at a time. Null restores standard error.
void SetSink(void (*sink)(absl::string_view line));

}  // namespace sluice::log
