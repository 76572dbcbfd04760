// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTING_FAKE_SERVICE_HPP
#define BINARLY_TESTING_FAKE_SERVICE_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>
#include <binarly/image_hashes.hpp>
#include <binarly/testing/certificate_authority.hpp>
#include <binarly/testing/fake_identity.hpp>
#include <binarly/testing/fake_scan.hpp>
#include <binarly/testing/fault.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::testing {

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
  /// What everybody may who is let in. Images, lists, scans and components need `products.view`,
  /// reports `reports.view`; who lacks it gets the service's 403. At most 16, each of at most 64
  /// letters, digits and `._-`.
  std::vector<std::string> permissions{"products.view", "reports.view"};
  /// How the scans of the images go: of each the first whose share the image falls into, as the
  /// seed and its number say. Where they leave images over, and by default, an image's scan does
  /// not go on: one in six images has a scan, in any state, and all have reports.
  std::vector<fake_scan> scans;
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
  /// Answered to paths that are neither below `{prefix}/api/v4/` nor the token endpoint's, as a
  /// load balancer does; otherwise they get the service's own 401, or a 404 in plain text.
  std::optional<canned_answer> elsewhere;
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
/// stored but where scans stand, of the first million images that were looked at; those of others
/// are in their last state. Ids are accepted in either case, and answered in capitals. It starts to
/// listen when it is made, and stops when it is destroyed; all its work runs on a strand of the
/// executor it was given, and it starts no thread.
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
  /// The same for the next requests at the token endpoint. Faults that are about images and reports
  /// make no sense there and cannot be carried out.
  void script_token_requests(std::vector<misbehaviour> next);

  /// From now on the image's scan goes so, from its first state. Throws `failure_error` when there
  /// is no such image, or the scan cannot be played.
  void set_scan(const image_ref& ref, fake_scan scan);
  /// From now on everybody who is let in may do this and nothing else; see
  /// `fake_service_options::permissions`. Throws `failure_error` when they cannot be used.
  void set_permissions(std::vector<std::string> permissions);

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
