// SPDX-License-Identifier: Apache-2.0
#include "common/git/upload_pack.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/git/object_selection.h"
#include "common/git/pkt_line.h"

namespace sluice::git {
namespace {

using IdSet = absl::flat_hash_set<ObjectId>;

constexpr absl::string_view kAgent = "agent=sluice";
constexpr size_t kMaxRequestLines = 100000;

struct Request {
  std::string command;  // version 2
  std::vector<std::string> ref_prefixes;
  bool peel = false;
  bool symrefs = false;
  SelectionRequest fetch;
  bool done = false;
  std::string capabilities;  // version 0, of the first want
};

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("upload-pack: ", what));
}

absl::StatusOr<Request> ParseRequest(absl::string_view bytes) {
  Request request;
  size_t lines = 0;
  const auto take_id = [](absl::string_view text, auto add) -> absl::Status {
    const absl::StatusOr<ObjectId> id = ObjectId::Parse(text.substr(0, ObjectId::kHexDigits));
    if (!id.ok()) return Invalid("malformed object id");
    add(*id);
    return absl::OkStatus();
  };
  PacketReader reader([&](const Packet& packet) -> absl::Status {
    if (packet.kind != Packet::Kind::kData) return absl::OkStatus();
    if (++lines > kMaxRequestLines) return Invalid("the request is too long");
    absl::string_view text = packet.Text();
    if (absl::ConsumePrefix(&text, "want ")) {
      if (request.fetch.wants.empty()) {
        request.capabilities =
            std::string(text.substr(std::min(text.size(), ObjectId::kHexDigits)));
      }
      return take_id(text, [&](const ObjectId& id) { request.fetch.wants.push_back(id); });
    }
    if (absl::ConsumePrefix(&text, "have ")) {
      return take_id(text, [&](const ObjectId& id) { request.fetch.haves.push_back(id); });
    }
    if (absl::ConsumePrefix(&text, "shallow ")) {
      return take_id(text, [&](const ObjectId& id) { request.fetch.client_shallow.insert(id); });
    }
    if (absl::ConsumePrefix(&text, "deepen ")) {
      if (!absl::SimpleAtoi(text, &request.fetch.depth) || request.fetch.depth < 1)
        return Invalid("bad depth");
      return absl::OkStatus();
    }
    if (absl::StartsWith(text, "deepen-")) return Invalid("only plain deepen is supported");
    if (absl::ConsumePrefix(&text, "command=")) request.command = std::string(text);
    if (absl::ConsumePrefix(&text, "ref-prefix ")) request.ref_prefixes.emplace_back(text);
    if (text == "done") request.done = true;
    if (text == "peel") request.peel = true;
    if (text == "symrefs") request.symrefs = true;
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(reader.Feed(bytes));
  if (!reader.AtBoundary()) return Invalid("the request is cut short");
  return request;
}

absl::Status SendPacket(ByteSink sink, absl::string_view payload) {
  std::string packet;
  AppendPacket(&packet, payload);
  return sink(packet);
}

// A tag's object in the end, if the reference names an annotated tag.
std::optional<ObjectId> Peeled(const Repository& repository, const ObjectId& id) {
  const absl::StatusOr<ObjectId> peeled = Peel(repository.objects(), id);
  if (!peeled.ok() || *peeled == id) return std::nullopt;
  return *peeled;
}

absl::Status AdvertiseRefs(const Repository& repository, const UploadPackOptions& options,
                           ByteSink sink) {
  ASSIGN_OR_RETURN(const std::vector<Ref> refs, repository.Refs());
  ASSIGN_OR_RETURN(const std::string head, repository.Head());
  std::vector<Ref> listed;
  if (const absl::StatusOr<ObjectId> id = repository.Resolve("HEAD"); id.ok()) {
    listed.push_back({"HEAD", *id});
  }
  listed.insert(listed.end(), refs.begin(), refs.end());
  std::string capabilities =
      absl::StrCat("multi_ack_detailed thin-pack side-band side-band-64k ofs-delta no-progress ",
                   options.shallow ? "shallow " : "",
                   options.any_want ? "allow-tip-sha1-in-want allow-reachable-sha1-in-want " : "");
  if (!listed.empty() && listed.front().name == "HEAD" && !head.empty()) {
    absl::StrAppend(&capabilities, "symref=HEAD:", head, " ");
  }
  absl::StrAppend(&capabilities, "object-format=sha1 ", kAgent);
  if (listed.empty()) listed.push_back({"capabilities^{}", ObjectId()});
  for (const Ref& ref : listed) {
    std::string line = absl::StrCat(ref.id.Hex(), " ", ref.name);
    if (!capabilities.empty()) {
      line.push_back('\0');
      absl::StrAppend(&line, capabilities);
      capabilities.clear();
    }
    RETURN_IF_ERROR(SendPacket(sink, absl::StrCat(line, "\n")));
    if (const std::optional<ObjectId> peeled = Peeled(repository, ref.id)) {
      RETURN_IF_ERROR(SendPacket(sink, absl::StrCat(peeled->Hex(), " ", ref.name, "^{}\n")));
    }
  }
  return sink(kFlushPacket);
}

absl::Status ListRefs(const Repository& repository, const Request& request, ByteSink sink) {
  ASSIGN_OR_RETURN(std::vector<Ref> refs, repository.Refs());
  ASSIGN_OR_RETURN(const std::string head, repository.Head());
  if (const absl::StatusOr<ObjectId> id = repository.Resolve("HEAD"); id.ok()) {
    refs.insert(refs.begin(), {"HEAD", *id});
  }
  for (const Ref& ref : refs) {
    const bool listed = request.ref_prefixes.empty() ||
                        std::any_of(request.ref_prefixes.begin(), request.ref_prefixes.end(),
                                    [&ref](const std::string& prefix) {
                                      return absl::StartsWith(ref.name, prefix);
                                    });
    if (!listed) continue;
    std::string line = absl::StrCat(ref.id.Hex(), " ", ref.name);
    if (request.symrefs && ref.name == "HEAD" && !head.empty()) {
      absl::StrAppend(&line, " symref-target:", head);
    }
    const std::optional<ObjectId> peeled = Peeled(repository, ref.id);
    if (request.peel && peeled.has_value()) absl::StrAppend(&line, " peeled:", peeled->Hex());
    RETURN_IF_ERROR(SendPacket(sink, absl::StrCat(line, "\n")));
  }
  return sink(kFlushPacket);
}

absl::Status CheckWants(const Repository& repository, const Request& request, int version,
                        const UploadPackOptions& options) {
  if (request.fetch.wants.empty()) return Invalid("nothing is wanted");
  IdSet tips;
  ASSIGN_OR_RETURN(const std::vector<Ref> refs, repository.Refs());
  for (const Ref& ref : refs) {
    tips.insert(ref.id);
    if (const auto peeled = Peeled(repository, ref.id)) tips.insert(*peeled);
  }
  for (const ObjectId& want : request.fetch.wants) {
    const bool allowed = options.any_want || version == 2 || tips.contains(want);
    if (!allowed || !repository.objects().Exists(want)) {
      return Invalid(absl::StrCat("not our ref ", want.Hex()));
    }
  }
  return absl::OkStatus();
}

absl::Status SendShallow(const Selection& selection, ByteSink sink) {
  for (const ObjectId& id : selection.shallow) {
    RETURN_IF_ERROR(SendPacket(sink, absl::StrCat("shallow ", id.Hex(), "\n")));
  }
  for (const ObjectId& id : selection.unshallow) {
    RETURN_IF_ERROR(SendPacket(sink, absl::StrCat("unshallow ", id.Hex(), "\n")));
  }
  return absl::OkStatus();
}

absl::Status SendPack(const Context& ctx, const Repository& repository, const Selection& selection,
                      size_t packet_size, ByteSink sink) {
  std::string pending;
  const auto flush = [&](size_t keep) -> absl::Status {
    while (pending.size() > keep) {
      const size_t take = std::min(pending.size(), packet_size);
      RETURN_IF_ERROR(SendPacket(sink, absl::StrCat("\1", pending.substr(0, take))));
      pending.erase(0, take);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(repository.objects().WritePack(selection.objects,
                                                 [&](absl::string_view bytes) -> absl::Status {
                                                   RETURN_IF_ERROR(ctx.Check());
                                                   absl::StrAppend(&pending, bytes);
                                                   return flush(packet_size);
                                                 }));
  RETURN_IF_ERROR(flush(0));
  return sink(kFlushPacket);
}

// Version 0: shallow lines, acknowledgments, and the pack once the client is done.
absl::Status AnswerVersion0(const Context& ctx, const Repository& repository,
                            const Request& request, const UploadPackOptions& options,
                            ByteSink sink) {
  RETURN_IF_ERROR(CheckWants(repository, request, 0, options));
  if (request.fetch.depth > 0 && !options.shallow)
    return Invalid("shallow fetches are not offered");
  ASSIGN_OR_RETURN(const Selection selection,
                   SelectObjects(ctx, repository.objects(), request.fetch));
  const std::vector<absl::string_view> words = absl::StrSplit(request.capabilities, ' ');
  const auto has = [&words](absl::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (!has("side-band-64k") && !has("side-band")) return Invalid("side-band is required");
  if (request.fetch.depth > 0) {
    RETURN_IF_ERROR(SendShallow(selection, sink));
    RETURN_IF_ERROR(sink(kFlushPacket));
    // A client that is told the new borders may have to ask again with what it has.
    if (request.fetch.haves.empty() && !request.done) return absl::OkStatus();
  }
  const bool detailed = has("multi_ack_detailed");
  std::string last;
  for (const ObjectId& id : selection.common) {
    if (!detailed && !last.empty()) break;
    last = id.Hex();
    RETURN_IF_ERROR(SendPacket(sink, absl::StrCat("ACK ", last, detailed ? " common\n" : "\n")));
  }
  if (!request.done) {
    return detailed || last.empty() ? SendPacket(sink, "NAK\n") : absl::OkStatus();
  }
  if (last.empty()) {
    RETURN_IF_ERROR(SendPacket(sink, "NAK\n"));
  } else if (detailed) {
    RETURN_IF_ERROR(SendPacket(sink, absl::StrCat("ACK ", last, "\n")));
  }
  const size_t packet_size = has("side-band-64k") ? kMaxPacketPayload - 1 : 995;
  return SendPack(ctx, repository, selection, packet_size, sink);
}

absl::Status AnswerVersion2(const Context& ctx, const Repository& repository,
                            const Request& request, const UploadPackOptions& options,
                            ByteSink sink) {
  if (request.command == "ls-refs") return ListRefs(repository, request, sink);
  if (request.command != "fetch") return Invalid("unknown command");
  RETURN_IF_ERROR(CheckWants(repository, request, 2, options));
  if (request.fetch.depth > 0 && !options.shallow)
    return Invalid("shallow fetches are not offered");
  ASSIGN_OR_RETURN(const Selection selection,
                   SelectObjects(ctx, repository.objects(), request.fetch));
  if (!request.done) {
    RETURN_IF_ERROR(SendPacket(sink, "acknowledgments\n"));
    if (selection.common.empty()) RETURN_IF_ERROR(SendPacket(sink, "NAK\n"));
    for (const ObjectId& id : selection.common) {
      RETURN_IF_ERROR(SendPacket(sink, absl::StrCat("ACK ", id.Hex(), "\n")));
    }
    // Everything that was named is looked at, so one common commit is as good as it gets.
    if (selection.common.empty()) return sink(kFlushPacket);
    RETURN_IF_ERROR(SendPacket(sink, "ready\n"));
    RETURN_IF_ERROR(sink(kDelimiterPacket));
  }
  if (!selection.shallow.empty() || !selection.unshallow.empty()) {
    RETURN_IF_ERROR(SendPacket(sink, "shallow-info\n"));
    RETURN_IF_ERROR(SendShallow(selection, sink));
    RETURN_IF_ERROR(sink(kDelimiterPacket));
  }
  RETURN_IF_ERROR(SendPacket(sink, "packfile\n"));
  return SendPack(ctx, repository, selection, kMaxPacketPayload - 1, sink);
}

}  // namespace

bool AsksForVersion2(absl::string_view git_protocol) {
  for (absl::string_view part : absl::StrSplit(git_protocol, ':')) {
    if (part == "version=2") return true;
  }
  return false;
}

absl::Status Advertise(const Repository& repository, int version, const UploadPackOptions& options,
                       ByteSink sink) {
  if (version != 2 || !options.version2) return AdvertiseRefs(repository, options, sink);
  for (absl::string_view line :
       {absl::string_view("version 2\n"), absl::string_view("agent=sluice\n"),
        absl::string_view("ls-refs\n"),
        absl::string_view(options.shallow ? "fetch=shallow\n" : "fetch\n"),
        absl::string_view("object-format=sha1\n")}) {
    RETURN_IF_ERROR(SendPacket(sink, line));
  }
  return sink(kFlushPacket);
}

absl::Status AnswerUploadPack(const Context& ctx, const Repository& repository, int version,
                              absl::string_view request, const UploadPackOptions& options,
                              ByteSink sink) {
  // A client that wants nothing after all hangs up with a flush.
  if (request.empty() || request == kFlushPacket) return absl::OkStatus();
  const auto answer = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Request parsed, ParseRequest(request));
    return version == 2 && options.version2
               ? AnswerVersion2(ctx, repository, parsed, options, sink)
               : AnswerVersion0(ctx, repository, parsed, options, sink);
  };
  const absl::Status status = answer();
  if (absl::IsInvalidArgument(status)) {
    RETURN_IF_ERROR(SendPacket(sink, absl::StrCat("ERR ", status.message())));
  }
  return status;
}

}  // namespace sluice::git
