// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTING_FAKE_SERVICE_HPP
#define BINARLY_TESTING_FAKE_SERVICE_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>
#include <binarly/image_hashes.hpp>
#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::testing {

/// What the service can do wrong to one request.
enum class fault {
  none,             ///< answers as it should; useful in a script
  delay,            ///< answers late, by `misbehaviour::duration`
  hang,             ///< reads the request and never answers
  reset_before,     ///< resets the connection instead of answering
  reset_in_head,    ///< resets it inside the answer's head
  reset_in_body,    ///< resets it inside the answer's body
  reset_after,      ///< resets it right after a complete answer
  close_before,     ///< closes properly instead of answering
  close_after,      ///< closes properly after a complete answer that promised keep-alive
  truncate_body,    ///< closes properly inside a body of announced length
  unannounced_end,  ///< no length, ends by a close without TLS's goodbye
  slow_bytes,       ///< sends the answer a few bytes at a time, over `misbehaviour::duration`
  status_408,
  status_429,
  status_500,
  status_502,
  status_503,
  status_504,
  html_error,      ///< 502 with a load balancer's HTML page
  html_success,    ///< 200 with an HTML page where JSON should be
  wrong_json,      ///< 200 with JSON that is no image and no report
  broken_json,     ///< 200 with JSON that ends in the middle
  wrong_image,     ///< 200 with another image than the one asked for
  deep_json,       ///< 200 with JSON nested 10,000 deep
  huge_body,       ///< 200 with a body of 100 MB
  huge_head,       ///< 200 with a head of 1 MB
  garbage,         ///< bytes that are not HTTP
  continue_first,  ///< an interim answer (103) before the answer
  redirect,        ///< 302 to another host
  forbidden,       ///< 403 with permission and resource name
  not_found,       ///< 404, as for an image that is not there yet
  chunked,         ///< a proper answer in chunked coding
};

/// The fault's name as the command's `--faults` takes it: the enumerator, without `status_`.
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(fault kind) noexcept;

/// A fault, how likely it is, and what it needs to know.
struct misbehaviour {
  fault kind = fault::none;
  /// Of each request, 0 to 1; not looked at in a script.
  double probability = 0;
  /// For `delay` and `slow_bytes`.
  std::chrono::milliseconds duration{100};
  /// For statuses: sent as `Retry-After`; empty for none.
  std::string retry_after;

  misbehaviour() = default;
  explicit misbehaviour(fault what, double likely = 0) : kind(what), probability(likely) {}
};

/// Reads `429=0.05,delay=0.1,reset_in_body=0.02`. The failure names the word that it stumbled over.
/// The probabilities' sum is at most 1.
[[nodiscard]] BINARLY_IMAGES_DECL result<std::vector<misbehaviour>> parse_faults(
    std::string_view text);

/// An identity server (OAuth 2.0 client credentials, RFC 6749 section 4.4), which the service plays
/// at `{prefix}/realms/BinarlyRealm/protocol/openid-connect/token` where `client_id` is not empty.
struct fake_identity {
  std::string client_id;
  /// Not empty where `client_id` is not.
  std::string client_secret;
  /// Of a token, from the moment it was asked for; what `expires_in` says. From 0 to a year; zero
  /// states none, and the tokens do not expire.
  std::chrono::seconds token_lifetime{1800};
  /// A token is refused after so many requests that it was accepted for: an end that needs no
  /// waiting. 0 for no bound.
  std::uint64_t uses_per_token = 0;
  /// What a request for a token must ask for, word for word; where empty, it may ask for anything.
  std::string scope;
  std::string audience;

  fake_identity() = default;
};

struct fake_service_options {
  /// A literal loopback address; anything else is refused.
  std::string address = "127.0.0.1";
  /// 0 takes a free one.
  std::uint16_t port = 0;
  /// Images that exist, and the products they are spread over in turn; at most 2^40 and at least 1.
  std::uint64_t images = 1000;
  std::uint64_t products = 4;
  /// Ids, names and the dice of the faults follow from it.
  std::uint64_t seed = 1;
  /// The bearer token that is asked for; empty accepts every call.
  std::string token;
  /// Where the service plays an identity server, it asks for `token` or one that it issued itself.
  fake_identity identity;
  /// At most one of these happens to a request, chosen by their probabilities; none of them to a
  /// request for a token.
  std::vector<misbehaviour> faults;
  /// Answers served on one connection before it is closed with `Connection: close`; 0 for no bound.
  std::size_t answers_per_connection = 0;
  /// Requests on a connection wait this long before their answer, as over a wide network.
  std::chrono::milliseconds latency{0};
  /// Speak plain HTTP.
  bool plain_http = false;
  /// Keep what `recent_heads` shows.
  bool record_heads = false;
  /// Components in each image's SBOM reports, beside the image and `firmware.bin`: `component-0`
  /// and so on, some 370 bytes each; at most 10,000,000. Of more than 1,000 a report is made while
  /// it is sent, in chunked coding.
  std::uint64_t report_components = 20;
  /// Send reports in gzip's coding to those who accept it.
  bool gzip_reports = true;
  /// Served below this prefix, such as `/binarly`; empty for none.
  std::string path_prefix;
  /// The certificate to show; a good one for localhost, 127.0.0.1 and ::1 when empty.
  certificate_and_key certificate;

  fake_service_options() = default;
};

/// An image that the service has.
struct fake_image {
  image_ref ref;
  std::string name;
  std::string version;
  // Its checksums, as its SBOM reports state them; in lower case.
  std::string sha256;
  std::string sha1;
  std::string md5;
};

/// What the service has seen, since its start.
struct fake_service_counters {
  std::uint64_t connections = 0;       ///< accepted
  std::uint64_t handshakes = 0;        ///< completed
  std::uint64_t open_connections = 0;  ///< at this moment
  std::uint64_t most_open_connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t faults = 0;
  std::uint64_t unauthorized = 0;    ///< refused for their token, or for having none
  std::uint64_t token_requests = 0;  ///< at the token endpoint, of the requests
  std::uint64_t tokens_issued = 0;   ///< by this service
};

/// A real HTTPS server on loopback that plays the platform, with a throw-away certificate
/// authority, and misbehaves on request. For the tests of this library, and of its users.
///
/// It serves any number of images by rule: image `n` follows from the seed and `n`, so nothing is
/// stored. It starts to listen when it is made, and stops when it is destroyed; all its work runs
/// on a strand of the executor it was given, and it starts no thread.
///
/// A connection that is silent for a minute is closed, a hanging one too.
///
/// It may outlive its execution context. Then it serves nobody, and still tells what it knows.
///
/// Thread safety: every member may be called from any thread.
class BINARLY_IMAGES_DECL fake_service {
 public:
  /// Throws `failure_error` when an option cannot be used or the address is taken.
  fake_service(boost::asio::any_io_executor executor, fake_service_options options);
  ~fake_service();
  fake_service(const fake_service&) = delete;
  fake_service& operator=(const fake_service&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// `https://localhost:{port}{prefix}`, or `http://…`; an address other than 127.0.0.1 is written
  /// out in place of the name.
  [[nodiscard]] std::string base_url() const;
  /// Where tokens are to be had; empty when the service plays no identity server.
  [[nodiscard]] std::string token_url() const;
  /// The authority to trust, as PEM text. It has not signed a certificate that the options gave.
  [[nodiscard]] const std::string& ca_pem() const noexcept;

  /// Image number `index`, from 0. Throws `failure_error` when there are not so many.
  [[nodiscard]] fake_image image_at(std::uint64_t index) const;

  /// What the SBOM reports of image number `index` state of a file in it: of `firmware.bin`, or of
  /// `component-N`. Throws as `image_at` does.
  [[nodiscard]] std::vector<checksum> checksums_of(std::uint64_t index,
                                                   std::string_view file) const;

  /// The next requests for this image, or for its reports, meet these, in order, before the dice
  /// are thrown again. Throws `failure_error` when one of them cannot be carried out.
  void script(const image_ref& ref, std::vector<misbehaviour> next);
  /// The same for the next requests at the token endpoint. `wrong_image` makes no sense there and
  /// cannot be carried out.
  void script_token_requests(std::vector<misbehaviour> next);

  /// From now on accepts what `issuer` issues, too, and asks for a token. A token's uses, end and
  /// revocation are the same wherever it is shown. Throws `failure_error` when `issuer` plays no
  /// identity server. It need not outlive this service.
  void accept_tokens_of(const fake_service& issuer);
  /// Every token that was issued until now, by this service or one whose tokens it accepts, is
  /// refused from now on, wherever it is shown. `fake_service_options::token` stays good.
  void revoke_tokens();

  /// The heads of the latest requests, at most 64, the oldest first: as they came, empty line and
  /// all. They hold tokens and secrets. Empty without `fake_service_options::record_heads`.
  [[nodiscard]] std::vector<std::string> recent_heads() const;

  /// Closes every connection at once, by reset, and goes on listening.
  void reset_connections();

  [[nodiscard]] fake_service_counters counters() const;

 private:
  class impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace binarly::testing

#endif
