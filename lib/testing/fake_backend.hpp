// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_BACKEND_HPP
#define BINARLY_LIB_TESTING_FAKE_BACKEND_HPP

#include "testing/fake_catalogue.hpp"
#include "testing/fake_delivery.hpp"
#include "testing/fake_identity.hpp"
#include "testing/fake_request.hpp"
#include "testing/fault_plan.hpp"

#include <binarly/image_hashes.hpp>
#include <binarly/testing/fake_service.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::testing {

/// Written on the service's strand only, read from anywhere.
struct live_counters {
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> handshakes = 0;
  std::atomic<std::uint64_t> open_connections = 0;
  std::atomic<std::uint64_t> most_open_connections = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> faults = 0;
  std::atomic<std::uint64_t> unauthorized = 0;
  std::atomic<std::uint64_t> token_requests = 0;
};

/// What the service says to a request, and what goes wrong with it. Knows no socket.
class fake_backend {
 public:
  /// Throws `failure_error`, naming the option that cannot be used. Looks at none that is about the
  /// network.
  explicit fake_backend(const fake_service_options& options);

  /// `answered`: requests answered before on this connection.
  [[nodiscard]] delivery answer_to(const fake_request& request, std::size_t answered);
  /// For a request that could not be read: it is told why, and the connection ends.
  [[nodiscard]] delivery refuse(request_reader::outcome why);

  /// These may be called from any thread, as the public members of the same names.
  void script_token_requests(std::vector<misbehaviour> next);
  void accept(std::shared_ptr<token_register> issued_elsewhere);
  void revoke_tokens();
  [[nodiscard]] std::vector<std::string> recent_heads() const;

  const fake_catalogue catalogue;
  /// Null where the service plays no identity server.
  const std::shared_ptr<token_register> tokens;
  const bool records_heads;
  fault_plan plan;
  live_counters counters;

 private:
  /// What a target asks for.
  struct route {
    bool known = false;
    bool listing = false;
    bool with_counts = false;
    std::optional<sbom_format> report;
    bool scans = false;
    bool wants_json = false;    ///< `contentType=json`
    std::string_view resource;  ///< `products/P/images/I`, or what stands in its place
    std::string_view product;
    std::string_view image;
  };

  [[nodiscard]] route route_to(std::string_view target) const;
  [[nodiscard]] bool is_for_a_token(std::string_view target) const;
  [[nodiscard]] bool authorized(std::string_view authorization) const;
  void record(const std::string& head);
  [[nodiscard]] fake_answer proper_answer(const fake_request& request, const route& way) const;
  [[nodiscard]] fake_answer report_answer(const fake_request& request, const route& way,
                                          std::uint64_t number, bool broken = false) const;
  [[nodiscard]] fake_answer spoilt_answer(const misbehaviour& wrong, const fake_request& request,
                                          const route& way) const;
  [[nodiscard]] fake_answer spoilt_token_answer(const misbehaviour& wrong,
                                                const fake_request& request) const;
  [[nodiscard]] delivery token_answer_to(const fake_request& request, std::size_t answered);
  [[nodiscard]] delivery sent(fake_answer answer, const misbehaviour& wrong,
                              const fake_request& request, std::size_t answered) const;

  fake_identity identity_;
  fault_plan token_plan_;
  std::string token_;
  std::string root_;
  std::string token_target_;
  std::size_t answers_per_connection_;
  std::uint64_t report_components_;
  bool gzip_reports_;
  std::chrono::milliseconds latency_;

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<token_register>> accepted_;
  std::deque<std::string> heads_;
};

}  // namespace binarly::testing

#endif
