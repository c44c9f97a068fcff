// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/server.h"

#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/archive/gzip.h"
#include "common/base/clock.h"
#include "common/http/body.h"
#include "common/http/wire.h"

namespace sluice::hostile {
namespace {

constexpr absl::Duration kIdle = absl::Seconds(120);
constexpr size_t kMaxBody = size_t{1} << 20;
constexpr size_t kMaxSeen = 100'000;

}  // namespace

bool Answer::Send(absl::string_view bytes) {
  return connection_.Write(http::Patience{ctx_, kIdle}, bytes).ok();
}

bool Answer::Wait(absl::Duration pause) {
  const absl::Time end = absl::Now() + pause;
  while (absl::Now() < end) {
    // A client that hangs up while nothing is said is noticed here.
    char byte = 0;
    const ssize_t count = recv(connection_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 0) return false;
    const absl::Duration left = std::min(end - absl::Now(), absl::Milliseconds(50));
    if (!RealClock().Sleep(ctx_, left).ok()) return false;
  }
  return true;
}

bool Answer::SendHead(int status, const http::Headers& headers) {
  std::string head = absl::StrCat("HTTP/1.1 ", status, " ", http::StatusText(status), "\r\n");
  for (const auto& [name, value] : headers.fields()) http::AppendField(head, name, value);
  absl::StrAppend(&head, "Connection: close\r\n\r\n");
  return Send(head);
}

void Answer::Reset() {
  // Dissolving the association makes the kernel send a reset (connect(2)).
  sockaddr nobody = {};
  nobody.sa_family = AF_UNSPEC;
  (void)connect(connection_.fd(), &nobody, sizeof(nobody));
}

Server::Server()
    : listener_(http::Listen("127.0.0.1:0").value()),
      port_(http::LocalPort(listener_.get())),
      stop_(std::make_shared<std::stop_source>()),
      ctx_(Context::Background().WithStopToken(stop_->get_token())) {
  thread_ = std::thread([this] { Accept(); });
}

Server::~Server() {
  stop_->request_stop();
  (void)shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

std::string Server::url() const { return absl::StrCat("http://127.0.0.1:", port_); }
std::string Server::url_by_name() const { return absl::StrCat("http://localhost:", port_); }

void Server::On(const std::string& prefix, Behaviour behaviour) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(behaviours_, [&](const auto& entry) { return entry.first == prefix; });
  behaviours_.emplace_back(prefix, std::move(behaviour));
}

Behaviour Server::Find(absl::string_view path) const {
  absl::MutexLock lock(&mutex_);
  const std::pair<std::string, Behaviour>* best = nullptr;
  for (const auto& entry : behaviours_) {
    if (!absl::StartsWith(path, entry.first)) continue;
    if (best == nullptr || entry.first.size() > best->first.size()) best = &entry;
  }
  return best != nullptr ? best->second : Reply(404, {}, "nothing here\n");
}

void Server::Accept() {
  while (!ctx_.cancelled()) {
    if (!http::AwaitReady(ctx_, listener_.get(), 1 /* POLLIN */, absl::Seconds(600)).ok()) break;
    http::FileDescriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    if (fd.get() < 0) break;  // shut down
    clients_.remove_if([](Client& client) {
      if (!client.done) return false;
      client.thread.join();
      return true;
    });
    Client& client = clients_.emplace_back(std::move(fd));
    client.thread = std::thread([this, &client] {
      Serve(client);
      client.done = true;
    });
  }
  for (Client& client : clients_) client.connection.Interrupt();
  for (Client& client : clients_) client.thread.join();
}

void Server::Serve(Client& client) {
  http::Connection& connection = client.connection;
  const http::Patience patience{ctx_, kIdle};
  const auto text = http::ReadHead(connection, patience);
  if (!text.ok() || !text->has_value()) return;
  const auto head = http::ParseRequestHead(**text);
  if (!head.ok()) return;
  Seen seen{.method = head->method, .headers = head->headers, .head = **text};
  const size_t question = head->target.find('?');
  seen.path = head->target.substr(0, question);
  if (question != std::string::npos) seen.query = head->target.substr(question + 1);
  if (const auto framing = http::RequestFraming(head->headers); framing.ok()) {
    (void)http::ReadBody(connection, patience, *framing, [&](absl::string_view bytes) {
      absl::StrAppend(&seen.body, bytes.substr(0, kMaxBody - seen.body.size()));
      return absl::OkStatus();
    });
  }
  {
    absl::MutexLock lock(&mutex_);
    if (seen_.size() < kMaxSeen) seen_.push_back(seen);
  }
  Answer answer(ctx_, connection);
  Find(seen.path)(seen, answer);
  (void)shutdown(connection.fd(), SHUT_RDWR);
}

std::vector<Seen> Server::seen() const {
  absl::MutexLock lock(&mutex_);
  return seen_;
}

int Server::CountOf(absl::string_view prefix) const {
  int count = 0;
  for (const Seen& seen : seen()) count += absl::StartsWith(seen.path, prefix) ? 1 : 0;
  return count;
}

std::vector<std::string> Server::SecretsSeen(const std::vector<std::string>& secrets) const {
  std::vector<std::string> found;
  for (const Seen& seen : seen()) {
    std::string all = absl::StrCat(seen.head, "\n", seen.body);
    // What Basic credentials hide.
    for (const auto& [name, value] : seen.headers.fields()) {
      std::string decoded;
      const size_t blank = value.find(' ');
      if (blank != std::string::npos && absl::Base64Unescape(value.substr(blank + 1), &decoded)) {
        absl::StrAppend(&all, "\n", decoded);
      }
    }
    for (const std::string& secret : secrets) {
      if (absl::StrContains(all, secret)) {
        found.push_back(absl::StrCat(secret, " in ", seen.method, " ", seen.path));
      }
    }
  }
  return found;
}

Behaviour Reply(int status, http::Headers headers, std::string body) {
  return [=](const Seen& seen, Answer& answer) {
    http::Headers all = headers;
    all.Set("Content-Length", absl::StrCat(body.size()));
    if (answer.SendHead(status, all) && seen.method != "HEAD") answer.Send(body);
  };
}

Behaviour ClaimLength(uint64_t length, http::Headers headers, std::string body) {
  return [=](const Seen&, Answer& answer) {
    http::Headers all = headers;
    all.Set("Content-Length", absl::StrCat(length));
    if (answer.SendHead(200, all)) answer.Send(body);
  };
}

Behaviour Redirect(std::string location) {
  return Reply(302, {{"Location", std::move(location)}}, "over there\n");
}

Behaviour RedirectLoop() {
  return [](const Seen& seen, Answer& answer) {
    int64_t turn = 0;
    const size_t last = seen.query.rfind("turn=");
    if (last != std::string::npos) (void)absl::SimpleAtoi(seen.query.substr(last + 5), &turn);
    Redirect(absl::StrCat(seen.path, "?turn=", turn + 1))(seen, answer);
  };
}

Behaviour Silence() {
  return [](const Seen&, Answer& answer) { answer.Wait(absl::Hours(1)); };
}

Behaviour EndlessHead() {
  return [](const Seen&, Answer& answer) {
    if (!answer.Send("HTTP/1.1 200 OK\r\n")) return;
    while (answer.Send(absl::StrCat("X-Filler: ", std::string(1000, 'x'), "\r\n"))) {
    }
  };
}

Behaviour EndlessInterim() {
  return [](const Seen&, Answer& answer) {
    while (answer.Send("HTTP/1.1 100 Continue\r\n\r\n") && answer.Wait(absl::Milliseconds(10))) {
    }
  };
}

Behaviour EndlessBody(http::Headers headers, std::string start, std::string piece) {
  return [=](const Seen&, Answer& answer) {
    http::Headers all = headers;
    all.Set("Transfer-Encoding", "chunked");
    if (!answer.SendHead(200, all)) return;
    if (!start.empty() && !answer.Send(http::FormatChunk(start))) return;
    const std::string chunk = http::FormatChunk(piece);
    while (answer.Send(chunk)) {
    }
  };
}

Behaviour Drip(http::Headers headers, std::string text, absl::Duration pause) {
  return [=](const Seen&, Answer& answer) {
    http::Headers all = headers;
    all.Set("Transfer-Encoding", "chunked");
    if (!answer.SendHead(200, all)) return;
    for (size_t i = 0;; ++i) {
      const std::string byte = i < text.size() ? text.substr(i, 1) : " ";
      if (!answer.Send(http::FormatChunk(byte)) || !answer.Wait(pause)) return;
    }
  };
}

Behaviour BrokenChunks() {
  return [](const Seen&, Answer& answer) {
    if (!answer.SendHead(200, {{"Transfer-Encoding", "chunked"}})) return;
    answer.Send("ffffffffffffffffff\r\nxx\r\n-1\r\n");
  };
}

std::string GzipBomb(uint64_t size) {
  std::string bomb;
  archive::GzipWriter writer([&bomb](absl::string_view bytes) {
    bomb.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  const std::string zeros(size_t{1} << 20, '\0');
  for (uint64_t left = size; left > 0;) {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(left, zeros.size()));
    if (!writer.Write(absl::string_view(zeros).substr(0, count)).ok()) return "";
    left -= count;
  }
  return writer.Finish().ok() ? bomb : "";
}

}  // namespace sluice::hostile
