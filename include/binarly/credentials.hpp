// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CREDENTIALS_HPP
#define BINARLY_CREDENTIALS_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>
#include <binarly/route_options.hpp>
#include <binarly/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace binarly {

namespace detail {
class token_origin;
}

/// A bearer token (RFC 6750), and how long it will be good.
struct access_token {
  secret value;
  /// From the moment at which it was asked for; none for a token whose end is not known.
  std::optional<std::chrono::seconds> lifetime;

  access_token() = default;
  explicit access_token(secret token, std::optional<std::chrono::seconds> life = {})
      : value(std::move(token)), lifetime(life) {}
};

/// Gives a token whenever the client needs one: it is called once at a time, on the client's
/// executor, and its answer is shared by all calls. `rejected`: the service did not accept the
/// token that it gave before. It is cancelled after `timeouts.token`, and when the client ends.
///
/// Its failure, or what it throws, becomes the failure of the calls that wait: as
/// `errc::token_unavailable` where its code is one that may pass (the network's, `timed_out`,
/// `throttled`, `server_error`, `token_unavailable`) or an exception, and the calls' retry policies
/// may have it asked again; else as `errc::token_refused`, which is final.
using token_provider = std::function<boost::asio::awaitable<result<access_token>>(bool rejected)>;

/// How a client tells the identity server who it is (RFC 6749, section 2.3.1).
///
/// `body` is the default, since all servers read a form in the same way. Inside of `basic`, RFC
/// 6749 wants both halves coded as in a form, and not every server undoes that. So only what must
/// be coded is: blanks, `%`, `+`, characters outside of ASCII, and a colon in the id. A secret
/// without these is understood by every server; one with them, by the servers that keep to the RFC.
enum class client_authentication {
  body,   ///< `client_id` and `client_secret` are fields of the form
  basic,  ///< they are basic credentials, and the form is without them
};

/// An identity server (OAuth 2.0, RFC 6749), and who asks it for tokens: what all grants have in
/// common.
struct identity_options {
  /// The identity server's token endpoint, such as
  /// `https://auth-{slug}.binarly.cloud/realms/BinarlyRealm/protocol/openid-connect/token`; where
  /// the path is empty, the platform's own, which is this one, is added. https, or http on loopback
  /// where the client allows it; no user information, query or fragment.
  std::string url;
  /// Asked, with the same secret, where `url` answers 404, as after a move; the one that gave a
  /// token is asked first from then on. Read as `url` is; empty for none.
  std::string alternative_url;
  /// From 1 to 1,024 bytes without control characters.
  std::string client_id;
  /// Likewise; a password grant may do without.
  secret client_secret;
  /// Sent if it is not empty; at most 1,024 bytes without control characters.
  std::string scope;
  /// Likewise.
  std::string audience;
  client_authentication authentication = client_authentication::body;
  /// Whom to trust there, and who we are; the client's own if absent.
  std::optional<tls_options> tls;
  /// The way there; the client's own if absent.
  std::optional<proxy_options> proxy;

  identity_options() = default;
};

/// OAuth 2.0 client credentials (RFC 6749, section 4.4): the token is the client's own.
struct client_credentials_options : identity_options {
  client_credentials_options() = default;
};

/// The password grant (RFC 6749, section 4.3): the token is a person's. The platform offers it to
/// people who do not sign in by single sign-on; `client_id` and `scope` are the platform's own for
/// it. The password is sent with every request for a token.
struct password_options : identity_options {
  /// From 1 to 1,024 bytes without control characters.
  std::string username;
  /// Likewise.
  secret password;

  password_options() {
    client_id = "BinarlyClient";
    scope = "openid";
  }
};

/// What a client shows the service to be let in: asked for each attempt, and sent to the service's
/// own origin alone.
///
/// A token that will expire is replaced ahead of that, once some 80 % of its life are over, while
/// the old one goes on serving; one that the service refuses (401) is replaced at once, and the
/// attempt is made again, once. Whoever asks meanwhile waits for the same token. What becomes of
/// it is an event; failures to renew a token that is still good are nothing else.
///
/// Where there is none, calls fail at the step `token`, with `errc::token_refused` or
/// `errc::token_unavailable`; `failure_detail::cause` has what went wrong there, such as
/// `errc::certificate_rejected`. An identity server is asked under the client's own `retry` and
/// `timeouts.token`, and what this comes to is the failure of the calls that waited for it, whose
/// own policies do not repeat it: so a call makes no more requests to an identity server in trouble
/// than the client's `retry` allows. Nobody asks again for a while then (1 s, doubled up to 30 s,
/// half of it by chance, and never less than the server's `Retry-After`, up to five minutes); a
/// call that begins meanwhile waits for that time to end, if its own policy allows another attempt,
/// or fails with what the server said last.
///
/// Copies share the same secret, which is wiped when the last of them goes. Nothing prints it.
/// Distinct objects may be used from any threads.
class BINARLY_IMAGES_DECL credentials {
 public:
  /// No credentials: no `Authorization` header is sent.
  credentials() noexcept;

  /// A fixed bearer token (RFC 6750 section 2.1), with surrounding white space removed, as a file
  /// or a variable often has it. Throws `failure_error` when it is empty, longer than 16 KiB, or
  /// holds a character that RFC 6750 does not allow; the message never repeats it.
  [[nodiscard]] static credentials bearer(secret token);
  [[nodiscard]] static credentials bearer(std::string token) {
    return bearer(secret(std::move(token)));
  }

  /// A file that holds a bearer token, as above, and may change: it is read again after a second at
  /// the earliest, when there is an attempt to be made, and when the service refuses the token. It
  /// should lie on this machine, since reading it takes the client's executor. A regular file (or a
  /// link to one) of at most 64 KiB. One that is empty, or blank, may be in the middle of being
  /// written: the call's policy tries it again.
  [[nodiscard]] static credentials token_file(std::string path);

  /// Throws `failure_error`, naming the option that cannot be used; the URL, its TLS and its proxy
  /// are looked at when a client is made. Each client gets tokens of its own.
  [[nodiscard]] static credentials client_credentials(client_credentials_options options);

  /// Likewise.
  [[nodiscard]] static credentials password(password_options options);

  /// The caller's own.
  [[nodiscard]] static credentials provided_by(token_provider provider);

  /// For the library's own use.
  [[nodiscard]] const std::shared_ptr<const detail::token_origin>& origin() const noexcept {
    return origin_;
  }

 private:
  explicit credentials(std::shared_ptr<const detail::token_origin> origin) noexcept;

  std::shared_ptr<const detail::token_origin> origin_;
};

}  // namespace binarly

#endif
