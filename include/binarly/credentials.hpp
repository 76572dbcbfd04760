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
/// token that it gave before. Its failure, or what it throws, becomes the failure of the calls that
/// wait. It is cancelled after `timeouts.token`, and when the client ends.
using token_provider = std::function<boost::asio::awaitable<result<access_token>>(bool rejected)>;

/// How a client tells the identity server who it is (RFC 6749, section 2.3.1).
enum class client_authentication {
  body,   ///< `client_id` and `client_secret` are fields of the form
  basic,  ///< they are basic credentials, and the form is without them
};

/// OAuth 2.0 client credentials (RFC 6749, section 4.4).
struct client_credentials_options {
  /// The identity server's token endpoint, such as
  /// `https://auth-{slug}.binarly.cloud/realms/BinarlyRealm/protocol/openid-connect/token`; where
  /// the path is empty, the platform's own, which is this one, is added. https, or http on loopback
  /// where the client allows it; no user information, query or fragment.
  std::string url;
  /// From 1 to 1,024 bytes without control characters.
  std::string client_id;
  /// Likewise.
  secret client_secret;
  /// Sent if it is not empty; at most 1,024 bytes.
  std::string scope;
  /// Likewise.
  std::string audience;
  client_authentication authentication = client_authentication::body;
  /// Whom to trust there, and who we are; the client's own if absent.
  std::optional<tls_options> tls;
  /// The way there; the client's own if absent.
  std::optional<proxy_options> proxy;

  client_credentials_options() = default;
};

/// What a client shows the service to be let in: asked for each attempt, and sent to the service's
/// own origin alone.
///
/// A token that will expire is replaced ahead of that, once some 80 % of its life are over, while
/// the old one goes on serving; one that the service refuses (401) is replaced at once, and the
/// attempt is made again, once. Whoever asks meanwhile waits for the same token. What becomes of
/// it is an event; failures to renew a token that is still good are nothing else.
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
  /// should lie on this machine, since reading it takes the client's executor. At most 64 KiB.
  [[nodiscard]] static credentials token_file(std::string path);

  /// Throws `failure_error`, naming the option that cannot be used; the URL, its TLS and its proxy
  /// are looked at when a client is made. Each client gets tokens of its own.
  [[nodiscard]] static credentials client_credentials(client_credentials_options options);

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
