// SPDX-License-Identifier: Apache-2.0
#include "common/git/receive_pack.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/git/advertisement.h"
#include "common/git/object_store.h"
#include "common/git/pkt_line.h"

namespace sluice::git {
namespace {

constexpr absl::string_view kCapabilities =
    "report-status delete-refs ofs-delta quiet side-band-64k push-options object-format=sha1 "
    "agent=sluice";
constexpr size_t kMaxCommands = 1000;

struct RefCommand {
  ObjectId from;
  ObjectId to;
  std::string name;
};

struct PushedRequest {
  std::vector<RefCommand> commands;
  bool side_band = false;
  absl::string_view pack;
};

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("receive-pack: ", what));
}

absl::StatusOr<PushedRequest> ParsePushed(absl::string_view bytes) {
  PushedRequest request;
  bool push_options = false;
  while (true) {
    ASSIGN_OR_RETURN(const Packet packet, TakePacket(bytes));
    if (packet.kind == Packet::Kind::kFlush) break;
    absl::string_view line = packet.Text();
    if (absl::StartsWith(line, "shallow ")) continue;
    const size_t nul = line.find('\0');
    if (nul != absl::string_view::npos) {
      for (absl::string_view word : absl::StrSplit(line.substr(nul + 1), ' ')) {
        request.side_band |= word == "side-band-64k";
        push_options |= word == "push-options";
      }
      line = line.substr(0, nul);
    }
    const std::vector<absl::string_view> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    if (words.size() != 3 || request.commands.size() == kMaxCommands) {
      return Invalid("malformed command");
    }
    ASSIGN_OR_RETURN(const ObjectId from, ObjectId::Parse(words[0]));
    ASSIGN_OR_RETURN(const ObjectId to, ObjectId::Parse(words[1]));
    request.commands.push_back({from, to, std::string(words[2])});
  }
  while (push_options) {
    ASSIGN_OR_RETURN(const Packet packet, TakePacket(bytes));
    push_options = packet.kind != Packet::Kind::kFlush;
  }
  request.pack = bytes;
  return request;
}

absl::Status TakePack(const Context& ctx, Repository& repository, const PushedRequest& request) {
  if (request.pack.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<PackWriter> writer, repository.objects().ReceivePack());
  RETURN_IF_ERROR(writer->Append(ctx, request.pack));
  return writer->Finish(ctx);
}

// Why the reference is not changed; OK once it is.
absl::Status Execute(const Context& ctx, Repository& repository, const RefCommand& command) {
  ASSIGN_OR_RETURN(const std::string head, repository.Head());
  if (!repository.IsBare() && command.name == head) {
    return absl::FailedPreconditionError("branch is currently checked out");
  }
  if (command.to.IsZero()) {
    ASSIGN_OR_RETURN(const ObjectId present, repository.Resolve(command.name));
    if (present != command.from) return absl::AbortedError("reference was changed");
    return repository.Delete(command.name);
  }
  ASSIGN_OR_RETURN(const ObjectId target, Peel(repository.objects(), command.to));
  ASSIGN_OR_RETURN(const ObjectHeader header, repository.objects().Header(target));
  if (header.type == ObjectType::kCommit) {
    ASSIGN_OR_RETURN(const Commit commit, ReadCommit(repository.objects(), target));
    RETURN_IF_ERROR(CheckComplete(ctx, repository.objects(), commit.tree));
  }
  return repository.Update(command.name, command.to, command.from);
}

}  // namespace

absl::Status AdvertiseReceivePack(const Repository& repository, ByteSink sink) {
  ASSIGN_OR_RETURN(std::vector<Ref> refs, repository.Refs());
  if (refs.empty()) refs.push_back({"capabilities^{}", ObjectId()});
  std::string out;
  for (size_t i = 0; i < refs.size(); ++i) {
    std::string line = absl::StrCat(refs[i].id.Hex(), " ", refs[i].name);
    if (i == 0) {
      line.push_back('\0');
      absl::StrAppend(&line, kCapabilities);
    }
    AppendPacket(&out, absl::StrCat(line, "\n"));
  }
  absl::StrAppend(&out, kFlushPacket);
  return sink(out);
}

absl::Status AnswerReceivePack(const Context& ctx, Repository& repository,
                               absl::string_view request, ByteSink sink) {
  // What a client sends first to find out whether it may send more.
  if (request.empty() || request == kFlushPacket) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PushedRequest pushed, ParsePushed(request));
  std::string report;
  const absl::Status unpacked = TakePack(ctx, repository, pushed);
  AppendPacket(&report, unpacked.ok()
                            ? "unpack ok\n"
                            : absl::StrCat("unpack ", RemoteText(unpacked.message()), "\n"));
  for (const RefCommand& command : pushed.commands) {
    const absl::Status executed =
        unpacked.ok() ? Execute(ctx, repository, command) : absl::AbortedError("unpacker error");
    AppendPacket(&report, executed.ok() ? absl::StrCat("ok ", command.name, "\n")
                                        : absl::StrCat("ng ", command.name, " ",
                                                       RemoteText(executed.message()), "\n"));
  }
  absl::StrAppend(&report, kFlushPacket);
  if (!pushed.side_band) return sink(report);
  std::string out;
  AppendPacket(&out, absl::StrCat("\1", report));
  absl::StrAppend(&out, kFlushPacket);
  return sink(out);
}

}  // namespace sluice::git
