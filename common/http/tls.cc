// SPDX-License-Identifier: Apache-2.0
#include "common/http/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"

namespace sluice::http {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;

// What OpenSSL refused last; empties its queue.
std::string LibraryReason() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown error";
}

absl::Status InvalidPem(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("tls: ", what, ": ", LibraryReason()));
}

// A key behind a passphrase is refused, not asked for at the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<std::vector<CertificatePtr>> ParseCertificates(absl::string_view pem,
                                                              absl::string_view what) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<CertificatePtr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(certificate);
  }
  // The end of the text also shows as an error: no further PEM block.
  if (certificates.empty() || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return InvalidPem(absl::StrCat("failed to parse ", what));
  }
  ERR_clear_error();
  return certificates;
}

absl::Status UseKeyPair(SSL_CTX* context, absl::string_view certificate_pem,
                        const Secret& private_key_pem) {
  ASSIGN_OR_RETURN(const std::vector<CertificatePtr> chain,
                   ParseCertificates(certificate_pem, "certificate"));
  const absl::string_view key_pem = private_key_pem.Reveal();
  const BioPtr bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return InvalidPem("failed to parse private key");
  if (SSL_CTX_use_certificate(context, chain[0].get()) != 1) return InvalidPem("use certificate");
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return InvalidPem("use certificate");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return InvalidPem("private key does not match certificate");
  }
  return absl::OkStatus();
}

// Every certificate of the PEM is trusted as it stands, also one that is no root, as in Go.
absl::Status Trust(SSL_CTX* context, absl::string_view ca_pem, absl::string_view what) {
  ASSIGN_OR_RETURN(const std::vector<CertificatePtr> authorities, ParseCertificates(ca_pem, what));
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  if (store == nullptr) return InvalidPem(what);
  for (const CertificatePtr& authority : authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) return InvalidPem(what);
  }
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return absl::OkStatus();
}

// The authorities of the system's file ($SSL_CERT_FILE, or where OpenSSL looks for it). Parsing
// them takes 20 ms and more, so it is done again only when the file is another one. Thread-safe.
class SystemAuthorities {
 public:
  void AddTo(SSL_CTX* context) {
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    const std::shared_ptr<const std::vector<CertificatePtr>> authorities = Current();
    for (const CertificatePtr& authority : *authorities) {
      X509_STORE_add_cert(store, authority.get());
    }
  }

 private:
  std::shared_ptr<const std::vector<CertificatePtr>> Current() {
    const char* const given = getenv(X509_get_default_cert_file_env());
    const std::string path = given != nullptr ? given : X509_get_default_cert_file();
    struct stat info = {};
    if (stat(path.c_str(), &info) != 0) info = {};
    absl::MutexLock lock(&mutex_);
    if (authorities_ == nullptr || path != path_ || info.st_ino != info_.st_ino ||
        info.st_dev != info_.st_dev || info.st_size != info_.st_size ||
        info.st_mtim.tv_sec != info_.st_mtim.tv_sec ||
        info.st_mtim.tv_nsec != info_.st_mtim.tv_nsec) {
      auto read = std::make_shared<std::vector<CertificatePtr>>();
      const BioPtr bio(BIO_new_file(path.c_str(), "r"));
      while (X509* certificate = bio == nullptr ? nullptr
                                                : PEM_read_bio_X509_AUX(bio.get(), nullptr,
                                                                        NoPassphrase, nullptr)) {
        read->emplace_back(certificate);
      }
      ERR_clear_error();
      authorities_ = std::move(read);
      path_ = path;
      info_ = info;
    }
    return authorities_;
  }

  absl::Mutex mutex_;
  std::string path_ ABSL_GUARDED_BY(mutex_);
  struct stat info_ ABSL_GUARDED_BY(mutex_) = {};
  std::shared_ptr<const std::vector<CertificatePtr>> authorities_ ABSL_GUARDED_BY(mutex_);
};

void TrustSystem(SSL_CTX* context) {
  static SystemAuthorities* const authorities = new SystemAuthorities();
  authorities->AddTo(context);
  SSL_CTX_set_default_verify_dir(context);  // looked into when a certificate is asked for
  ERR_clear_error();  // no authorities at all is found out, and said, at the handshake
}

SSL_CTX* NewContext(const SSL_METHOD* method) {
  SSL_CTX* context = SSL_CTX_new(method);
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Sessions are not resumed: connections are kept instead, and a ticket would outlive the
  // certificate it was earned with.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  return context;
}

constexpr unsigned char kAlpn[] = "\x08http/1.1";
constexpr unsigned int kAlpnSize = sizeof(kAlpn) - 1;

int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
               unsigned int in_size, void*) {
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, kAlpn, kAlpnSize, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE when the peer is gone.
int SocketFd(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

int SocketWrite(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = send(SocketFd(bio), bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int SocketRead(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = recv(SocketFd(bio), bytes, static_cast<size_t>(size), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(count);
}

long SocketControl(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  return 0;
}

const BIO_METHOD* SocketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* created = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sluice socket");
    BIO_meth_set_write(created, SocketWrite);
    BIO_meth_set_read(created, SocketRead);
    BIO_meth_set_ctrl(created, SocketControl);
    return created;
  }();
  return method;
}

bool IsIpAddress(const std::string& name) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, name.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

// Go's words for the refusals that people meet.
std::string VerifyText(long result) {
  switch (result) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "x509: certificate signed by unknown authority";
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "x509: certificate has expired or is not yet valid";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "x509: certificate is not valid for the requested host";
    default:
      return absl::StrCat("x509: ", X509_verify_cert_error_string(result));
  }
}

std::vector<std::string> SubjectEntries(X509* certificate, int nid) {
  std::vector<std::string> texts;
  X509_NAME* subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, nid, at)) >= 0;) {
    unsigned char* utf8 = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) continue;
    texts.emplace_back(reinterpret_cast<char*>(utf8), static_cast<size_t>(size));
    OPENSSL_free(utf8);
  }
  return texts;
}

}  // namespace

void FreeTls::operator()(ssl_st* session) const { SSL_free(session); }
void FreeTls::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

absl::StatusOr<TlsContext> TlsContext::ForClient(const TlsOptions& options) {
  TlsContext context(NewContext(TLS_client_method()));
  SSL_CTX* const raw = context.context_.get();
  if (raw == nullptr) return absl::InternalError("tls: create context");
  SSL_CTX_set_alpn_protos(raw, kAlpn, kAlpnSize);
  context.verify_ = !options.insecure_skip_verify;
  SSL_CTX_set_verify(raw, context.verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (context.verify_ && (options.ca_pem.empty() || options.and_system_authorities)) {
    TrustSystem(raw);
  }
  if (!options.ca_pem.empty()) RETURN_IF_ERROR(Trust(raw, options.ca_pem, "CA certificate"));
  if (!options.certificate_pem.empty() || !options.private_key_pem.empty()) {
    RETURN_IF_ERROR(UseKeyPair(raw, options.certificate_pem, options.private_key_pem));
  }
  return context;
}

absl::StatusOr<TlsContext> TlsContext::ForServer(absl::string_view certificate_pem,
                                                 const Secret& private_key_pem,
                                                 absl::string_view client_ca_pem) {
  TlsContext context(NewContext(TLS_server_method()));
  SSL_CTX* const raw = context.context_.get();
  if (raw == nullptr) return absl::InternalError("tls: create context");
  SSL_CTX_set_alpn_select_cb(raw, SelectAlpn, nullptr);
  RETURN_IF_ERROR(UseKeyPair(raw, certificate_pem, private_key_pem));
  if (!client_ca_pem.empty()) {
    RETURN_IF_ERROR(Trust(raw, client_ca_pem, "client CA certificate"));
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

absl::StatusOr<TlsSession> TlsContext::Connect(const std::string& server_name) const {
  TlsSession session(SSL_new(context_.get()));
  SSL* const raw = session.session_.get();
  if (raw == nullptr) return absl::InternalError("tls: create session");
  const bool ip = IsIpAddress(server_name);
  bool ok = ip || SSL_set_tlsext_host_name(raw, server_name.c_str()) == 1;
  if (verify_) {
    ok = ok && (ip ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), server_name.c_str()) == 1
                   : SSL_set1_host(raw, server_name.c_str()) == 1);
  }
  if (!ok) return InvalidPem(absl::StrCat("server name \"", server_name, "\""));
  SSL_set_connect_state(raw);
  return session;
}

absl::StatusOr<TlsSession> TlsContext::Accept() const {
  TlsSession session(SSL_new(context_.get()));
  if (session.session_ == nullptr) return absl::InternalError("tls: create session");
  SSL_set_accept_state(session.session_.get());
  return session;
}

void TlsSession::Attach(int fd) {
  BIO* bio = BIO_new(SocketMethod());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
}

void TlsSession::AttachInside(TlsSession& outer) {
  BIO* bio = BIO_new(BIO_f_ssl());
  BIO_set_ssl(bio, outer.session_.get(), BIO_NOCLOSE);
  SSL_set_bio(session_.get(), bio, bio);
}

TlsSession::Step TlsSession::Outcome(int result) {
  const int saved_errno = errno;
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_NONE:
      return Step::kDone;
    case SSL_ERROR_WANT_READ:
      return Step::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Step::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Step::kClosed;
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      failure_ = std::strerror(saved_errno);
      return saved_errno == ECONNRESET || saved_errno == EPIPE ? Step::kCut : Step::kFailed;
    default:
      break;
  }
  if (const long verified = SSL_get_verify_result(session_.get());
      verified != X509_V_OK && !SSL_is_init_finished(session_.get()) &&
      SSL_get_verify_mode(session_.get()) != SSL_VERIFY_NONE) {
    ERR_clear_error();
    failure_ = absl::StrCat("tls: failed to verify certificate: ", VerifyText(verified));
    return Step::kFailed;
  }
  const bool cut = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  failure_ = cut ? "unexpected EOF" : absl::StrCat("tls: ", LibraryReason());
  ERR_clear_error();
  return cut ? Step::kCut : Step::kFailed;
}

TlsSession::Step TlsSession::Handshake() {
  ERR_clear_error();
  return Outcome(SSL_do_handshake(session_.get()));
}

TlsSession::Step TlsSession::Read(char* bytes, size_t size, size_t& count) {
  ERR_clear_error();
  return Outcome(SSL_read_ex(session_.get(), bytes, size, &count));
}

TlsSession::Step TlsSession::Write(absl::string_view bytes, size_t& count) {
  ERR_clear_error();
  return Outcome(SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count));
}

bool TlsSession::pending() const {
  return session_ != nullptr && SSL_has_pending(session_.get()) == 1;
}

void TlsSession::Shutdown() {
  if (SSL_is_init_finished(session_.get())) (void)SSL_shutdown(session_.get());
  ERR_clear_error();
}

std::string TlsSession::Failure() const { return failure_; }

PeerIdentity TlsSession::peer() const {
  PeerIdentity identity;
  if (session_ == nullptr || SSL_get_verify_result(session_.get()) != X509_V_OK) return identity;
  const CertificatePtr certificate(SSL_get1_peer_certificate(session_.get()));
  if (certificate == nullptr) return identity;
  std::vector<std::string> names = SubjectEntries(certificate.get(), NID_commonName);
  if (!names.empty()) identity.common_name = std::move(names[0]);
  identity.organizations = SubjectEntries(certificate.get(), NID_organizationName);
  return identity;
}

}  // namespace sluice::http
