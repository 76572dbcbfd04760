// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_backend.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::uint64_t most_things = std::uint64_t{1} << 40U;
constexpr std::uint64_t most_components = 10'000'000;
// A report of more is not held.
constexpr std::uint64_t most_held_components = 1000;
constexpr std::size_t json_nesting = 10'000;
constexpr std::size_t most_heads = 64;
constexpr std::string_view html_page =
    "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n"
    "<body><h1>502 Bad Gateway</h1><hr>load balancer</body></html>\n";

[[noreturn]] void refuse_option(std::string reason) {
  throw failure_error(failure(errc::invalid_argument, std::move(reason)));
}

fake_service_options checked(fake_service_options options) {
  using namespace std::chrono_literals;
  if (options.images == 0 || options.images > most_things) {
    refuse_option("images: from 1 to 2^40");
  }
  if (options.products == 0 || options.products > most_things) {
    refuse_option("products: from 1 to 2^40");
  }
  if (options.report_components > most_components) {
    refuse_option("report_components: at most 10000000");
  }
  if (options.latency < 0ms || options.latency > 1h) {
    refuse_option("latency: from 0 to 1 hour");
  }
  const std::string& prefix = options.path_prefix;
  const bool plain = std::ranges::all_of(prefix, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~/").find(c) != std::string_view::npos;
  });
  if (!prefix.empty() &&
      (!plain || prefix.size() > 1024 || prefix.front() != '/' || prefix.back() == '/')) {
    refuse_option("path_prefix: like /binarly, out of letters, digits and -._~/");
  }
  if (const char* const wrong = trouble_with(options.identity)) refuse_option(wrong);
  return options;
}

std::shared_ptr<token_register> register_for(const fake_service_options& options) {
  if (options.identity.client_id.empty()) return nullptr;
  return std::make_shared<token_register>(options.seed, options.identity);
}

fake_answer envelope(unsigned status, std::string_view message) {
  fake_answer answer;
  answer.status = status;
  answer.body = R"({"message":")";
  answer.body += message;
  answer.body += R"("})";
  return answer;
}

bool same_letters(std::string_view left, std::string_view right) {
  return std::ranges::equal(
      left, right, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// The status that stands for the fault; none when the fault is about something else.
std::optional<unsigned> status_of(fault kind) {
  switch (kind) {
    case fault::status_408:
      return 408;
    case fault::status_429:
      return 429;
    case fault::status_500:
      return 500;
    case fault::status_502:
      return 502;
    case fault::status_503:
      return 503;
    case fault::status_504:
      return 504;
    default:
      return std::nullopt;
  }
}

bool replaces_the_answer(fault kind) {
  switch (kind) {
    case fault::html_error:
    case fault::html_success:
    case fault::wrong_json:
    case fault::broken_json:
    case fault::wrong_image:
    case fault::deep_json:
    case fault::huge_body:
    case fault::redirect:
    case fault::forbidden:
    case fault::not_found:
      return true;
    default:
      return status_of(kind).has_value();
  }
}

void increase(std::atomic<std::uint64_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

fake_backend::fake_backend(const fake_service_options& options)
    : catalogue(checked(options).seed, options.images, options.products),
      tokens(register_for(options)),
      records_heads(options.record_heads),
      plan(options.faults, options.seed),
      identity_(options.identity),
      token_plan_({}, options.seed),
      token_(options.token),
      root_(options.path_prefix + "/api/v4/"),
      token_target_(options.path_prefix + std::string(token_path)),
      answers_per_connection_(options.answers_per_connection),
      report_components_(options.report_components),
      gzip_reports_(options.gzip_reports),
      latency_(options.latency) {
  if (tokens) accepted_.push_back(tokens);
}

void fake_backend::script_token_requests(std::vector<misbehaviour> next) {
  const auto is_senseless = [](const misbehaviour& one) { return one.kind == fault::wrong_image; };
  if (std::ranges::any_of(next, is_senseless)) {
    refuse_option("faults: wrong_image cannot happen to a request for a token");
  }
  token_plan_.script(token_target_, std::move(next));
}

void fake_backend::accept(std::shared_ptr<token_register> issued_elsewhere) {
  const std::lock_guard lock(mutex_);
  accepted_.push_back(std::move(issued_elsewhere));
}

void fake_backend::revoke_tokens() {
  const std::lock_guard lock(mutex_);
  for (const auto& each : accepted_)
    each->revoke_all();
}

std::vector<std::string> fake_backend::recent_heads() const {
  const std::lock_guard lock(mutex_);
  return {heads_.begin(), heads_.end()};
}

void fake_backend::record(const std::string& head) {
  const std::lock_guard lock(mutex_);
  if (heads_.size() == most_heads) heads_.pop_front();
  heads_.push_back(head);
}

bool fake_backend::is_for_a_token(std::string_view target) const {
  return tokens && target.substr(0, target.find('?')) == token_target_;
}

fake_backend::route fake_backend::route_to(std::string_view target) const {
  constexpr std::string_view products = "products/";
  constexpr std::string_view images = "/images";
  route way;
  if (!target.starts_with(root_)) return way;
  target.remove_prefix(root_.size());
  way.resource = target.substr(0, target.find('?'));
  const std::string_view query = target.substr(std::min(way.resource.size() + 1, target.size()));
  for (std::string_view rest = query; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find('&'));
    if (item == "withCounts=true") way.with_counts = true;
    if (item == "contentType=json") way.wants_json = true;
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
  }

  std::string_view path = way.resource;
  if (!path.starts_with(products)) return way;
  path.remove_prefix(products.size());
  way.product = path.substr(0, path.find('/'));
  path.remove_prefix(way.product.size());
  if (!path.starts_with(images)) return way;
  path.remove_prefix(images.size());
  if (path.empty()) {
    way.listing = way.known = true;
    return way;
  }
  if (path.front() != '/') return way;
  way.image = path.substr(1, path.find('/', 1) - 1);
  const std::string_view below = path.substr(1 + way.image.size());
  if (below == "/sbomReport:cycloneDX") way.report = sbom_format::cyclonedx;
  if (below == "/sbomReport:SPDX") way.report = sbom_format::spdx;
  way.scans = below == "/scans";
  way.known = below.empty() || way.report || way.scans;
  // Scripts name the image.
  if (way.known) way.resource.remove_suffix(below.size());
  return way;
}

bool fake_backend::authorized(std::string_view authorization) const {
  constexpr std::string_view scheme = "bearer ";
  const std::lock_guard lock(mutex_);
  if (token_.empty() && accepted_.empty()) return true;
  if (!same_letters(authorization.substr(0, scheme.size()), scheme)) return false;
  const std::string_view shown = authorization.substr(scheme.size());
  return (!token_.empty() && shown == token_) ||
         std::ranges::any_of(accepted_, [&](const auto& each) { return each->accept(shown); });
}

fake_answer fake_backend::proper_answer(const fake_request& request, const route& way) const {
  if (!authorized(request.authorization)) {
    fake_answer answer = envelope(401, "the bearer token is missing or not accepted");
    answer.headers = "WWW-Authenticate: Bearer\r\n";
    return answer;
  }
  if (!way.known) return envelope(404, "no such path");
  if (request.method != fake_method::get) {
    fake_answer answer = envelope(405, "only GET is understood here");
    answer.headers = "Allow: GET\r\n";
    return answer;
  }
  fake_answer answer;
  if (way.listing) {
    const auto product = catalogue.find_product(way.product);
    if (!product) return envelope(404, "product not found");
    catalogue.append_images_of(answer.body, *product);
    return answer;
  }
  const auto number = catalogue.find_image(way.product, way.image);
  if (!number) return envelope(404, "image not found");
  if (way.report == sbom_format::cyclonedx && !way.wants_json) {
    return envelope(400, "contentType: only json is written here");
  }
  if (way.report) return report_answer(request, way, *number);
  if (way.scans) {
    catalogue.append_scans_of(answer.body, *number);
  } else {
    catalogue.append_image(answer.body, *number, way.with_counts);
  }
  return answer;
}

fake_answer fake_backend::report_answer(const fake_request& request, const route& way,
                                        std::uint64_t number, bool broken) const {
  report_order order;
  order.number = number;
  order.format = *way.report;
  order.components = report_components_;
  order.broken = broken;
  std::unique_ptr<byte_source> source = std::make_unique<fake_report>(catalogue, order);
  fake_answer answer;
  if (gzip_reports_ && request.accept_encoding.find("gzip") != std::string::npos) {
    answer.headers = "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n";
    source = in_gzip(std::move(source));
  }
  if (report_components_ > most_held_components) {
    answer.source = std::move(source);
  } else {
    answer.body = read_all(*source);
  }
  return answer;
}

fake_answer fake_backend::spoilt_answer(const misbehaviour& wrong, const fake_request& request,
                                        const route& way) const {
  fake_answer answer;
  if (const auto status = status_of(wrong.kind)) {
    // Only the service itself has an envelope; what stands before it sends nothing.
    if (*status == 500) answer = envelope(500, "internal error");
    answer.status = *status;
    if (!wrong.retry_after.empty()) answer.headers = "Retry-After: " + wrong.retry_after + "\r\n";
    return answer;
  }
  const std::uint64_t number = catalogue.find_image(way.product, way.image).value_or(0);
  switch (wrong.kind) {
    case fault::html_error:
      answer.status = 502;
      [[fallthrough]];
    case fault::html_success:
      answer.type = "text/html";
      answer.body = html_page;
      break;
    case fault::wrong_json:
      answer.body = R"({"status":"ok","items":[]})";
      break;
    case fault::broken_json:
      if (way.report) return report_answer(request, way, number, true);
      catalogue.append_image(answer.body, number, way.with_counts);
      answer.body.resize(answer.body.size() / 2);
      break;
    case fault::wrong_image:
      if (way.report) return report_answer(request, way, number + 1);
      catalogue.append_image(answer.body, number + 1, way.with_counts);
      break;
    case fault::deep_json:
      // An image or a report but for one unknown member, so that skipping it must be bounded, too.
      if (way.report) {
        answer.body = *way.report == sbom_format::spdx ? R"({"spdxVersion":"SPDX-2.3"})"
                                                       : R"({"bomFormat":"CycloneDX"})";
      } else {
        catalogue.append_image(answer.body, number, way.with_counts);
      }
      answer.body.pop_back();
      answer.body += R"(,"nested":)";
      answer.body.append(json_nesting, '[');
      answer.body.append(json_nesting, ']');
      answer.body += '}';
      break;
    case fault::huge_body:
      answer.body = R"({"id":")";
      break;
    case fault::redirect:
      answer.status = 302;
      answer.headers = "Location: https://elsewhere.invalid/\r\n";
      break;
    case fault::not_found:
      answer = envelope(404, "image not found");
      break;
    default:
      answer = envelope(403, "permission denied");
      answer.body.pop_back();
      answer.body += R"(,"permission":"images.get","resourceName":")";
      if (way.known) answer.body += catalogue.image_at(number).ref.path();
      answer.body += R"("})";
      break;
  }
  return answer;
}

fake_answer fake_backend::spoilt_token_answer(const misbehaviour& wrong,
                                              const fake_request& request) const {
  fake_answer answer;
  switch (wrong.kind) {
    case fault::status_500:
      answer = spoilt_answer(wrong, request, route());
      answer.body = oauth_error("server_error", "internal error");
      break;
    case fault::forbidden:
      answer.status = 403;
      answer.body = oauth_error("access_denied", "permission denied");
      break;
    case fault::broken_json:
      answer.body = R"({"access_token":"fake-token-)";
      break;
    case fault::huge_body:
      answer.body = R"({"access_token":")";
      break;
    case fault::deep_json:
      // A good token but for one unknown member.
      answer = answer_token_request(identity_, request, *tokens);
      answer.body.pop_back();
      answer.body += R"(,"nested":)";
      answer.body.append(json_nesting, '[');
      answer.body.append(json_nesting, ']');
      answer.body += '}';
      break;
    default:
      answer = spoilt_answer(wrong, request, route());
      break;
  }
  return answer;
}

delivery fake_backend::answer_to(const fake_request& request, std::size_t answered) {
  increase(counters.requests);
  if (records_heads) record(request.head);
  if (is_for_a_token(request.target)) return token_answer_to(request, answered);
  const route way = route_to(request.target);
  const misbehaviour wrong = plan.next(way.resource);
  if (wrong.kind != fault::none) increase(counters.faults);

  fake_answer answer = replaces_the_answer(wrong.kind) ? spoilt_answer(wrong, request, way)
                                                       : proper_answer(request, way);
  if (answer.status == 401) increase(counters.unauthorized);
  return sent(std::move(answer), wrong, request, answered);
}

delivery fake_backend::token_answer_to(const fake_request& request, std::size_t answered) {
  increase(counters.token_requests);
  const misbehaviour wrong = token_plan_.next(token_target_);
  if (wrong.kind != fault::none) increase(counters.faults);
  fake_answer answer = replaces_the_answer(wrong.kind)
                           ? spoilt_token_answer(wrong, request)
                           : answer_token_request(identity_, request, *tokens);
  return sent(std::move(answer), wrong, request, answered);
}

delivery fake_backend::sent(fake_answer answer, const misbehaviour& wrong,
                            const fake_request& request, std::size_t answered) const {
  framing frame;
  frame.request_number = counters.requests.load(std::memory_order_relaxed);
  frame.keep_alive = request.keep_alive &&
                     (answers_per_connection_ == 0 || answered + 1 < answers_per_connection_);
  frame.head_only = request.method == fake_method::head;
  delivery made = deliver(std::move(answer), wrong, frame);
  made.wait += latency_;
  return made;
}

delivery fake_backend::refuse(request_reader::outcome why) {
  auto answer = why == request_reader::outcome::head_too_large
                    ? envelope(431, "the head is larger than 16 kB")
                : why == request_reader::outcome::body_too_large
                    ? envelope(413, "the body is larger than 64 kB")
                    : envelope(400, "not an HTTP request");
  framing frame;
  frame.request_number = counters.requests.load(std::memory_order_relaxed);
  frame.keep_alive = false;
  return deliver(std::move(answer), misbehaviour(), frame);
}

}  // namespace binarly::testing
