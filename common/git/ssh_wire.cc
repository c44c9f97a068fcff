// SPDX-License-Identifier: Apache-2.0
#include "common/git/ssh_wire.h"

#include <libssh/libssh.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/advertisement.h"
#include "common/git/known_hosts.h"
#include "common/git/pkt_line.h"
#include "common/http/proxy_dial.h"
#include "common/http/proxy_rules.h"
#include "common/http/socket.h"

namespace sluice::git {
namespace {

struct FreeSession {
  void operator()(ssh_session session) const {
    ssh_disconnect(session);
    ssh_free(session);
  }
};
struct FreeChannel {
  void operator()(ssh_channel channel) const { ssh_channel_free(channel); }
};
struct FreeKey {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using SessionPtr = std::unique_ptr<ssh_session_struct, FreeSession>;
using ChannelPtr = std::unique_ptr<ssh_channel_struct, FreeChannel>;
using KeyPtr = std::unique_ptr<ssh_key_struct, FreeKey>;

// libssh's own order of preference, with the two that Git servers of before 2016 may be left with.
constexpr absl::string_view kDefaultKeyExchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
    "ecdh-sha2-nistp521,diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,"
    "diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256,"
    "diffie-hellman-group14-sha1";

constexpr size_t kMaxStderr = 2048;

// A host key of type ssh-rsa signs by any of three algorithms; SHA-1 comes last.
std::string HostKeyAlgorithms(const std::vector<std::string>& key_types) {
  return absl::StrJoin(key_types, ",", [](std::string* out, const std::string& type) {
    absl::StrAppend(out, type == "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256,ssh-rsa" : type);
  });
}

// The command to run, quoted for the shell that most servers hand it to.
std::string RemoteCommand(absl::string_view service, const http::Url& url) {
  std::string path = http::Unescape(url.path, /*plus_is_blank=*/false);
  if (absl::StartsWith(path, "/~")) path.erase(0, 1);
  return absl::StrCat(service, " '", absl::StrReplaceAll(path, {{"'", "'\\''"}, {"!", "'\\!'"}}),
                      "'");
}

class SshWire : public Wire {
 public:
  SshWire(const http::Url& url, std::string user, KeyPtr identity, KnownHosts known_hosts,
          absl::string_view service, const SshOptions& options)
      : url_(url),
        user_(std::move(user)),
        identity_(std::move(identity)),
        known_hosts_(std::move(known_hosts)),
        service_(service),
        options_(options),
        port_(url.port == 0 ? 22 : url.port) {}

  absl::Status Advertise(const Context& ctx, AnswerSink& sink) override {
    ASSIGN_OR_RETURN(fd_, Dial(ctx));
    return Watched(ctx, [&] {
      RETURN_IF_ERROR(Handshake(ctx));
      RETURN_IF_ERROR(Authenticate(ctx));
      RETURN_IF_ERROR(RunService(ctx));
      return Read(ctx, sink);
    });
  }

  absl::Status Ask(const Context& ctx, int /*version*/, absl::string_view request,
                   AnswerSink& sink) override {
    return Watched(ctx, [&] {
      RETURN_IF_ERROR(Write(ctx, request));
      return Read(ctx, sink);
    });
  }

 private:
  absl::StatusOr<http::FileDescriptor> Dial(const Context& ctx) const {
    ASSIGN_OR_RETURN(const http::ProxyRules proxies,
                     options_.proxy_url.empty() ? http::ProxyRules::FromProcessEnvironment()
                                                : http::ProxyRules::Fixed(options_.proxy_url));
    const std::optional<http::Url> proxy = proxies.ForConnection(url_.host, port_);
    if (!proxy.has_value()) return http::Dial(ctx, url_.host, port_, options_.connect_timeout);
    return http::DialThroughProxy(ctx, *proxy, url_.host, port_, options_.connect_timeout);
  }

  // Runs `conversation` with cancellation shutting the socket down, which ends every wait below.
  template <typename F>
  absl::Status Watched(const Context& ctx, F conversation) {
    const int fd = fd_.get();
    const std::unique_ptr<Context::Registration> watch =
        ctx.OnCancel([fd] { shutdown(fd, SHUT_RDWR); });
    const absl::Status result = conversation();
    if (absl::Status ended = ctx.Check(); !result.ok() && !ended.ok()) return ended;
    return result;
  }

  absl::Status Await(const Context& ctx) {
    const int flags = ssh_get_poll_flags(session_.get());
    const short events = static_cast<short>(POLLIN | (flags & SSH_WRITE_PENDING ? POLLOUT : 0));
    return http::AwaitReady(ctx, fd_.get(), events, options_.idle_timeout);
  }

  // Repeats a step of libssh's until it no longer says `again`.
  template <typename F>
  absl::StatusOr<int> Drive(const Context& ctx, int again, F step) {
    while (true) {
      const int result = step();
      if (result != again) return result;
      RETURN_IF_ERROR(Await(ctx));
    }
  }

  std::string LibraryError() const { return RemoteText(ssh_get_error(session_.get())); }

  absl::Status Handshake(const Context& ctx) {
    session_.reset(ssh_new());
    if (session_ == nullptr) return absl::InternalError("ssh: out of memory");
    ssh_session session = session_.get();
    const std::vector<std::string> key_types = known_hosts_.KeyTypes(url_.host, port_);
    const std::string host_keys = options_.host_key_algorithms.empty()
                                      ? HostKeyAlgorithms(key_types)
                                      : absl::StrJoin(options_.host_key_algorithms, ",");
    const std::string exchanges = options_.key_exchanges.empty()
                                      ? std::string(kDefaultKeyExchanges)
                                      : absl::StrJoin(options_.key_exchanges, ",");
    const bool no_config = false;
    const unsigned int port = static_cast<unsigned int>(port_);
    // libssh closes the descriptor that it is given.
    const socket_t fd = dup(fd_.get());
    int failed = ssh_options_set(session, SSH_OPTIONS_FD, &fd);
    failed |= ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no_config);
    failed |= ssh_options_set(session, SSH_OPTIONS_HOST, url_.host.c_str());
    failed |= ssh_options_set(session, SSH_OPTIONS_PORT, &port);
    failed |= ssh_options_set(session, SSH_OPTIONS_USER, user_.c_str());
    failed |= ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
    failed |= ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
    failed |= ssh_options_set(session, SSH_OPTIONS_KEY_EXCHANGE, exchanges.c_str());
    if (!host_keys.empty()) {
      failed |= ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, host_keys.c_str());
    }
    if (failed != 0) {
      return absl::InvalidArgumentError(absl::StrCat("ssh: ", LibraryError()));
    }
    ssh_set_blocking(session, 0);
    ASSIGN_OR_RETURN(const int connected,
                     Drive(ctx, SSH_AGAIN, [session] { return ssh_connect(session); }));
    if (connected != SSH_OK) {
      return absl::UnavailableError(absl::StrCat("ssh: handshake failed: ", LibraryError()));
    }
    ssh_key raw = nullptr;
    if (ssh_get_server_publickey(session, &raw) != SSH_OK) {
      return absl::UnavailableError(absl::StrCat("ssh: handshake failed: ", LibraryError()));
    }
    const KeyPtr host_key(raw);
    char* encoded = nullptr;
    if (ssh_pki_export_pubkey_base64(host_key.get(), &encoded) != SSH_OK) {
      return absl::InternalError("ssh: cannot read the host key");
    }
    const absl::Cleanup free_encoded = [encoded] { ssh_string_free_char(encoded); };
    std::string key;
    absl::Base64Unescape(encoded, &key);
    return Annotate(known_hosts_.Check(url_.host, port_, key), "ssh: handshake failed");
  }

  absl::Status Authenticate(const Context& ctx) {
    ASSIGN_OR_RETURN(const int result, Drive(ctx, SSH_AUTH_AGAIN, [this] {
                       return ssh_userauth_publickey(session_.get(), nullptr, identity_.get());
                     }));
    if (result == SSH_AUTH_SUCCESS) return absl::OkStatus();
    if (result == SSH_AUTH_ERROR && ssh_is_connected(session_.get()) == 0) {
      return absl::UnavailableError(absl::StrCat("ssh: ", LibraryError()));
    }
    return absl::UnauthenticatedError(
        absl::StrCat("ssh: handshake failed: ssh: unable to authenticate, attempted methods "
                     "[publickey], no supported methods remain"));
  }

  absl::Status RunService(const Context& ctx) {
    channel_.reset(ssh_channel_new(session_.get()));
    if (channel_ == nullptr) return absl::UnavailableError(absl::StrCat("ssh: ", LibraryError()));
    ssh_channel channel = channel_.get();
    ASSIGN_OR_RETURN(const int opened, Drive(ctx, SSH_AGAIN, [channel] {
                       return ssh_channel_open_session(channel);
                     }));
    if (opened != SSH_OK) return absl::UnavailableError(absl::StrCat("ssh: ", LibraryError()));
    // Servers that do not let it be set talk version 0.
    RETURN_IF_ERROR(Drive(ctx, SSH_AGAIN, [channel] {
                      return ssh_channel_request_env(channel, "GIT_PROTOCOL", "version=2");
                    }).status());
    const std::string command = RemoteCommand(service_, url_);
    ASSIGN_OR_RETURN(const int running, Drive(ctx, SSH_AGAIN, [channel, &command] {
                       return ssh_channel_request_exec(channel, command.c_str());
                     }));
    if (running == SSH_OK) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("ssh: the server does not run ", service_, ": ", LibraryError()));
  }

  absl::Status Write(const Context& ctx, absl::string_view bytes) {
    while (!bytes.empty()) {
      const uint32_t piece = static_cast<uint32_t>(std::min<size_t>(bytes.size(), 1 << 16));
      const int written = ssh_channel_write(channel_.get(), bytes.data(), piece);
      if (written < 0) return HungUp();
      bytes.remove_prefix(static_cast<size_t>(written));
      if (written == 0) RETURN_IF_ERROR(Await(ctx));
    }
    return absl::OkStatus();
  }

  absl::Status Read(const Context& ctx, AnswerSink& sink) {
    std::vector<char> buffer(size_t{1} << 16);
    while (!sink.done()) {
      const uint32_t size = static_cast<uint32_t>(buffer.size());
      const int count = ssh_channel_read_nonblocking(channel_.get(), buffer.data(), size, 0);
      if (count > 0) {
        RETURN_IF_ERROR(ctx.Check());
        RETURN_IF_ERROR(sink.Take(absl::string_view(buffer.data(), static_cast<size_t>(count))));
        continue;
      }
      const int errors = ssh_channel_read_nonblocking(channel_.get(), buffer.data(), size, 1);
      if (errors > 0) {
        const size_t room = kMaxStderr - std::min(kMaxStderr, stderr_.size());
        stderr_.append(buffer.data(), std::min(room, static_cast<size_t>(errors)));
        continue;
      }
      if (count == SSH_ERROR || count == SSH_EOF || ssh_channel_is_eof(channel_.get()) != 0 ||
          ssh_channel_is_closed(channel_.get()) != 0) {
        return HungUp();
      }
      RETURN_IF_ERROR(Await(ctx));
    }
    return absl::OkStatus();
  }

  // What the service said on its standard error is the best account of why it ended.
  absl::Status HungUp() const {
    if (!stderr_.empty()) return ErrorFromRemote(stderr_);
    return absl::UnavailableError(absl::StrCat("ssh: ", url_.host, " closed the connection early"));
  }

  const http::Url url_;
  const std::string user_;
  const KeyPtr identity_;
  const KnownHosts known_hosts_;
  const std::string service_;
  const SshOptions options_;
  const int port_;
  http::FileDescriptor fd_;
  SessionPtr session_;
  ChannelPtr channel_;
  std::string stderr_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Wire>> CreateSshWire(const http::Url& url, const Auth& auth,
                                                    absl::string_view service,
                                                    const SshOptions& options) {
  ASSIGN_OR_RETURN(KnownHosts known_hosts, KnownHosts::Parse(auth.known_hosts));
  if (IsEncryptedKey(auth.identity) && auth.passphrase.empty()) {
    return absl::InvalidArgumentError("the SSH identity is encrypted and no passphrase was given");
  }
  // Both are NUL-terminated. libssh would ask on the terminal for a passphrase that is null.
  ssh_key key = nullptr;
  if (ssh_pki_import_privkey_base64(auth.identity.Reveal().data(), auth.passphrase.Reveal().data(),
                                    nullptr, nullptr, &key) != SSH_OK) {
    return absl::InvalidArgumentError(
        auth.passphrase.empty() ? "the SSH identity is not a private key that can be read"
                                : "the SSH identity cannot be decrypted with the given passphrase");
  }
  return std::make_unique<SshWire>(url, auth.username.empty() ? "git" : auth.username, KeyPtr(key),
                                   std::move(known_hosts), service, options);
}

}  // namespace sluice::git
