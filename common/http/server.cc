// SPDX-License-Identifier: Apache-2.0
#include "common/http/server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/session.h"
#include "common/http/socket.h"
#include "common/http/tls.h"
#include "common/log/log.h"

namespace sluice::http {
namespace {

// How long a response that is being written may go on after the server was told to stop.
constexpr absl::Duration kShutdownGrace = absl::Seconds(2);
// How long accepting rests when the process has no descriptor or thread left.
constexpr int kExhaustedPauseMs = 100;

// One thread accepts, joins the threads of ended connections and notices peers that leave in the
// middle of a streamed answer; each connection has a thread of its own.
class HttpServer : public Server {
 public:
  HttpServer(ServerOptions options, Handler handler, std::optional<TlsContext> tls,
             FileDescriptor listener, FileDescriptor events, FileDescriptor wake);
  ~HttpServer() override;

  int port() const override { return port_; }

 private:
  // A connection's thread and what it works on; the thread is joined before the rest goes.
  struct Worker {
    explicit Worker(std::unique_ptr<Session> s) : session(std::move(s)) {}
    std::unique_ptr<Session> session;  // null once it ended; under the server's mutex_
    std::thread thread;
  };

  void Loop();
  // False if there is no descriptor or thread left to serve with.
  bool AcceptAll();
  bool StartWorker(FileDescriptor fd);
  void JoinFinished();
  void NotifyPeerGone(int fd);
  void Wake() const;
  // Whether new connections are wanted of the listener.
  void Listen(bool wanted);

  const ServerOptions options_;
  const Handler handler_;
  const std::optional<TlsContext> tls_;
  const FileDescriptor listener_;
  const FileDescriptor events_;  // epoll
  const FileDescriptor wake_;    // eventfd
  const int port_;
  std::stop_source stop_;
  SessionEnvironment environment_;

  absl::Mutex mutex_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Worker>> workers_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> finished_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<int, std::stop_source> watched_ ABSL_GUARDED_BY(mutex_);
  size_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread loop_;  // last: uses all of the above
};

HttpServer::HttpServer(ServerOptions options, Handler handler, std::optional<TlsContext> tls,
                       FileDescriptor listener, FileDescriptor events, FileDescriptor wake)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      tls_(std::move(tls)),
      listener_(std::move(listener)),
      events_(std::move(events)),
      wake_(std::move(wake)),
      port_(LocalPort(listener_.get())),
      environment_{options_,
                   handler_,
                   tls_.has_value() ? &*tls_ : nullptr,
                   stop_.get_token(),
                   [this](int fd, std::stop_source gone) {
                     const absl::MutexLock lock(&mutex_);
                     watched_.insert_or_assign(fd, std::move(gone));
                     epoll_event event = {};
                     event.events = EPOLLRDHUP | EPOLLONESHOT;
                     event.data.fd = fd;
                     (void)epoll_ctl(events_.get(), EPOLL_CTL_ADD, fd, &event);
                   },
                   [this](int fd) {
                     const absl::MutexLock lock(&mutex_);
                     watched_.erase(fd);
                     (void)epoll_ctl(events_.get(), EPOLL_CTL_DEL, fd, nullptr);
                   }} {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = wake_.get();
  (void)epoll_ctl(events_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
  event.data.fd = listener_.get();
  (void)epoll_ctl(events_.get(), EPOLL_CTL_ADD, listener_.get(), &event);
  loop_ = std::thread([this] { Loop(); });
}

HttpServer::~HttpServer() {
  stop_.request_stop();
  Wake();
  loop_.join();
  absl::flat_hash_map<uint64_t, std::unique_ptr<Worker>> workers;
  {
    const absl::MutexLock lock(&mutex_);
    const auto all_done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ == 0; };
    for (const auto& [id, worker] : workers_) {
      if (worker->session != nullptr) worker->session->InterruptReads();
    }
    if (!mutex_.AwaitWithTimeout(absl::Condition(&all_done), kShutdownGrace)) {
      for (const auto& [id, worker] : workers_) {
        if (worker->session != nullptr) worker->session->Interrupt();
      }
    }
    workers.swap(workers_);
  }
  // Outside the lock, which the threads take when they end.
  for (const auto& [id, worker] : workers) worker->thread.join();
}

void HttpServer::Wake() const {
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
}

void HttpServer::Listen(bool wanted) {
  epoll_event event = {};
  event.events = wanted ? uint32_t{EPOLLIN} : 0U;
  event.data.fd = listener_.get();
  (void)epoll_ctl(events_.get(), EPOLL_CTL_MOD, listener_.get(), &event);
}

void HttpServer::Loop() {
  bool listening = true;
  bool exhausted = false;
  while (!stop_.stop_requested()) {
    epoll_event ready[64];
    const int count = epoll_wait(events_.get(), ready, 64, exhausted ? kExhaustedPauseMs : -1);
    exhausted = false;
    bool incoming = !listening;
    for (int i = 0; i < count; ++i) {
      if (ready[i].data.fd == listener_.get()) {
        incoming = true;
      } else if (ready[i].data.fd == wake_.get()) {
        uint64_t value = 0;
        (void)!read(wake_.get(), &value, sizeof(value));
      } else {
        NotifyPeerGone(ready[i].data.fd);
      }
    }
    JoinFinished();
    if (incoming && !stop_.stop_requested()) exhausted = !AcceptAll();
    bool full = false;
    {
      const absl::MutexLock lock(&mutex_);
      full = running_ >= static_cast<size_t>(options_.max_connections);
    }
    if (const bool wanted = !full && !exhausted; wanted != listening) {
      Listen(wanted);
      listening = wanted;
    }
  }
}

bool HttpServer::AcceptAll() {
  while (true) {
    {
      const absl::MutexLock lock(&mutex_);
      if (running_ >= static_cast<size_t>(options_.max_connections)) return true;
    }
    FileDescriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    if (!StartWorker(std::move(fd))) return false;
  }
}

bool HttpServer::StartWorker(FileDescriptor fd) {
  auto owned = std::make_unique<Worker>(std::make_unique<Session>(environment_, std::move(fd)));
  const absl::MutexLock lock(&mutex_);
  Worker* const worker = owned.get();
  Session* const session = worker->session.get();
  const uint64_t id = next_id_++;
  try {
    worker->thread = std::thread([this, worker, session, id] {
      session->Serve();
      std::unique_ptr<Session> ended;  // closes the connection, after the lock is released
      const absl::MutexLock end_lock(&mutex_);
      ended = std::move(worker->session);
      finished_.push_back(id);
      --running_;
      Wake();
    });
  } catch (const std::system_error& failure) {
    log::Error(Context::Background(), absl::ResourceExhaustedError(failure.what()),
               "cannot start a thread for a connection");
    return false;
  }
  workers_.emplace(id, std::move(owned));
  ++running_;
  return true;
}

void HttpServer::JoinFinished() {
  std::vector<std::unique_ptr<Worker>> ended;
  {
    const absl::MutexLock lock(&mutex_);
    for (const uint64_t id : finished_) {
      auto worker = workers_.extract(id);
      ended.push_back(std::move(worker.mapped()));
    }
    finished_.clear();
  }
  for (const std::unique_ptr<Worker>& worker : ended) worker->thread.join();
}

void HttpServer::NotifyPeerGone(int fd) {
  std::stop_source gone(std::nostopstate);
  {
    const absl::MutexLock lock(&mutex_);
    if (const auto entry = watched_.find(fd); entry != watched_.end()) gone = entry->second;
  }
  // Outside the lock: this runs the callbacks of whoever waits on the context.
  gone.request_stop();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler) {
  std::optional<TlsContext> tls;
  if (!options.certificate_pem.empty()) {
    ASSIGN_OR_RETURN(tls, TlsContext::ForServer(options.certificate_pem, options.private_key_pem,
                                                options.client_ca_pem));
  }
  ASSIGN_OR_RETURN(FileDescriptor listener, Listen(options.address));
  FileDescriptor events(epoll_create1(EPOLL_CLOEXEC));
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (events.get() < 0 || wake.get() < 0) {
    return absl::UnavailableError(
        absl::StrCat("listen ", options.address, ": no file descriptor left"));
  }
  return std::make_unique<HttpServer>(std::move(options), std::move(handler), std::move(tls),
                                      std::move(listener), std::move(events), std::move(wake));
}

}  // namespace sluice::http
