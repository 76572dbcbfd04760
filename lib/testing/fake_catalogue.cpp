// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_catalogue.hpp"

#include "testing/fake_route.hpp"

#include <array>
#include <chrono>

namespace binarly::testing {
namespace {

constexpr std::uint64_t checksum_salt = 0x68617368;
constexpr std::size_t listed_images = 10'000;
constexpr std::size_t ulid_length = 26;
constexpr std::size_t ulid_time_length = 10;
constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A kind of thing that has ids: the time of its number 0 in ms, and what sets its hashes apart.
struct id_kind {
  std::uint64_t epoch;
  std::uint64_t salt;
};
constexpr id_kind product_ids{1'672'531'200'000, 0x70726f64};  // 2023-01-01T00:00:00Z
constexpr id_kind image_ids{1'705'744'800'000, 0x696d6167};    // 2024-01-20T10:00:00Z
constexpr id_kind file_ids{1'705'744'800'000, 0x66696c65};
constexpr id_kind scan_ids{1'705'744'800'000, 0x7363616e};
constexpr id_kind user_ids{1'672'531'200'000, 0x75736572};

void append_id(std::string& out, std::uint64_t seed, id_kind kind, std::uint64_t number) {
  std::uint64_t time = kind.epoch + number;
  std::array<char, ulid_length> id{};
  for (std::size_t at = ulid_time_length; at-- > 0; time >>= 5U)
    id[at] = crockford[time & 31U];
  // Two halves of 8 characters, 40 bits each.
  const std::uint64_t base = mixed(seed ^ kind.salt) ^ number;
  std::uint64_t low = mixed(base);
  std::uint64_t high = mixed(~base);
  for (std::size_t at = ulid_length; at-- > ulid_time_length + 8; low >>= 5U) {
    id[at] = crockford[low & 31U];
  }
  for (std::size_t at = ulid_time_length + 8; at-- > ulid_time_length; high >>= 5U) {
    id[at] = crockford[high & 31U];
  }
  out.append(id.data(), id.size());
}

std::optional<std::uint64_t> find(std::string_view text, std::uint64_t seed, id_kind kind,
                                  std::uint64_t count) {
  if (text.size() != ulid_length) return std::nullopt;
  const std::string capitals = in_capitals(text);
  const std::string_view id = capitals;
  std::uint64_t time = 0;
  for (const char c : id.substr(0, ulid_time_length)) {
    const std::size_t digit = crockford.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    time = time << 5U | digit;
  }
  if (time < kind.epoch || time - kind.epoch >= count) return std::nullopt;
  std::string same;
  append_id(same, seed, kind, time - kind.epoch);
  if (same != id) return std::nullopt;
  return time - kind.epoch;
}

void append_number(std::string& out, std::uint64_t value) { out += std::to_string(value); }

void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

/// As a JSON string. The texts are this file's own: valid UTF-8 without control characters.
void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

enum class time_form { whole_seconds, fraction, offset };

void append_time(std::string& out, std::uint64_t milliseconds, time_form form) {
  using namespace std::chrono;
  const sys_time<std::chrono::milliseconds> exact{
      std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds))};
  const auto shown = form == time_form::offset ? exact + 2h : exact;
  const auto day = floor<days>(shown);
  const year_month_day date(day);
  const hh_mm_ss clock(shown - day);
  out += '"';
  append_padded(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, static_cast<std::uint64_t>(clock.hours().count()), 2);
  out += ':';
  append_padded(out, static_cast<std::uint64_t>(clock.minutes().count()), 2);
  out += ':';
  append_padded(out, static_cast<std::uint64_t>(clock.seconds().count()), 2);
  if (form != time_form::whole_seconds) {
    out += '.';
    append_padded(out, static_cast<std::uint64_t>(clock.subseconds().count()), 3);
  }
  out += form == time_form::offset ? "+02:00\"" : "Z\"";
}

// Some need escaping in JSON, some quoting in CSV, and one is not ASCII.
constexpr std::array<std::string_view, 8> models{
    "Firmware",        "BMC image",    "Router OS",      R"(Switch "Edge")",
    "Camera, outdoor", "Türsteuerung", R"(Path\loader)", "Gateway",
};
constexpr std::array<std::string_view, 8> scan_words{
    "new", "running", "failed", "done", "cancelled", "in_progress", "completed", "no_scans",
};

std::string name_of(std::uint64_t traits, std::uint64_t number) {
  // The API allows an empty name.
  if (traits % 101 == 0) return {};
  std::string name(models[traits % models.size()]);
  name += ' ';
  append_number(name, number);
  return name;
}

std::string version_of(std::uint64_t traits) {
  if (traits % 103 == 0) return {};
  std::string version;
  append_number(version, 1 + (traits >> 8U) % 9);
  version += '.';
  append_number(version, (traits >> 16U) % 20);
  version += '.';
  append_number(version, (traits >> 24U) % 50);
  return version;
}

}  // namespace

std::uint64_t fake_catalogue::traits(std::uint64_t number) const noexcept {
  return mixed(mixed(seed_) + number);
}

fake_image fake_catalogue::image_at(std::uint64_t number) const {
  std::string product;
  append_id(product, seed_, product_ids, number % products_);
  std::string id;
  append_id(id, seed_, image_ids, number);
  const std::uint64_t bits = traits(number);
  fake_image made;
  made.ref = image_ref(product, id);
  made.name = name_of(bits, number);
  made.version = version_of(bits);
  const auto checksums = checksums_of(number, "");
  made.sha256 = checksums[0].value;
  made.sha1 = checksums[1].value;
  made.md5 = checksums[2].value;
  return made;
}

std::vector<checksum> fake_catalogue::checksums_of(std::uint64_t number,
                                                   std::string_view file) const {
  std::uint64_t state = mixed(traits(number) ^ checksum_salt);
  for (const char c : file)
    state = mixed(state ^ static_cast<unsigned char>(c));
  const auto next = [&state](std::size_t digits) {
    std::string value;
    value.reserve(digits + 16);
    while (value.size() < digits) {
      state = mixed(state);
      for (unsigned shift = 0; shift < 64; shift += 4)
        value += "0123456789abcdef"[state >> shift & 15U];
    }
    value.resize(digits);
    return value;
  };
  std::vector<checksum> all(3);
  all[0] = {"SHA-256", next(64)};
  all[1] = {"SHA-1", next(40)};
  all[2] = {"MD5", next(32)};
  return all;
}

std::optional<std::uint64_t> fake_catalogue::find_product(std::string_view id) const {
  return find(id, seed_, product_ids, products_);
}

std::optional<std::uint64_t> fake_catalogue::find_image(std::string_view product_id,
                                                        std::string_view image_id) const {
  const auto product = find_product(product_id);
  if (!product) return std::nullopt;
  const auto number = find(image_id, seed_, image_ids, images_);
  if (!number || *number % products_ != *product) return std::nullopt;
  return number;
}

void fake_catalogue::append_author(std::string& out, std::uint64_t number) const {
  const std::uint64_t bits = traits(number) >> 32U;
  const std::uint64_t user = bits % 50;
  const std::string email = "user" + std::to_string(user) + "@example.com";
  out += R"("author":)";
  if (bits % 2 == 0) {
    append_string(out, email);
    return;
  }
  out += R"({"userId":")";
  append_id(out, seed_, user_ids, user);
  out += '"';
  if (bits % 3 == 0) {
    out += R"(,"id":"users/)";
    append_number(out, user);
    out += R"(","email":")" + email + R"(","createTime":)";
    append_time(out, user_ids.epoch + user, time_form::whole_seconds);
    out += R"(,"status":"active","resourceType":"user")";
  }
  out += '}';
}

void fake_catalogue::append_files(std::string& out, std::uint64_t number, std::string_view parent,
                                  const image_form& form) const {
  out += R"("files":[{"id":")";
  append_id(out, seed_, file_ids, number);
  out += R"(","createTime":)";
  if (form.unusual == fault::zero_time) {
    out += R"("0001-01-01T00:00:00Z")";
  } else {
    append_time(out, file_ids.epoch + number, time_form::fraction);
  }
  out += ',';
  append_author(out, number);
  out += R"(,"filename":"firmware.bin","isAttachment":)";
  out += traits(number) % 16 == 0 ? "true" : "false";
  out += R"(,"downloadUrl":"https://files.example.com/)";
  append_number(out, number);
  out += R"(","parent":")";
  out += parent;
  out += R"(","metadata":{"size":"8 MiB","tags":["a","b"]}}])";
}

void fake_catalogue::append_scan(std::string& out, std::uint64_t number, std::string_view parent,
                                 std::string_view word) const {
  out += R"({"id":")";
  append_id(out, seed_, scan_ids, number);
  out += R"(","createTime":)";
  append_time(out, scan_ids.epoch + number, time_form::offset);
  out += ',';
  append_author(out, number);
  out += R"(,"parent":")";
  out += parent;
  out += R"(","latestScanState":{"id":"state-)";
  append_number(out, number);
  out += R"(","type":")";
  out += word;
  out += R"(","createTime":)";
  append_time(out, scan_ids.epoch + number, time_form::whole_seconds);
  out += "}}";
}

std::string_view fake_catalogue::scan_word(std::uint64_t number,
                                           const image_form& form) const noexcept {
  if (form.scan) return form.scan->state;
  const std::uint64_t bits = traits(number);
  return bits % 6 == 0 ? scan_words[(bits >> 40U) % scan_words.size()] : std::string_view();
}

void fake_catalogue::append_scans_in_image(std::string& out, std::uint64_t number,
                                           std::string_view path, const image_form& form) const {
  const std::string_view word = scan_word(number, form);
  const bool shown = !form.scan || form.scan->in_image;
  if (form.unusual == fault::null_members) {
    out += R"(,"scans":null,"latestScan":null)";
  } else if (shown && !word.empty()) {
    out += R"(,"scans":[)";
    append_scan(out, number, path, word);
    out += R"(],"latestScan":)";
    append_scan(out, number, path, word);
  }
}

void fake_catalogue::append_image(std::string& out, std::uint64_t number,
                                  const image_form& form) const {
  const std::uint64_t bits = traits(number);
  const bool nulls = form.unusual == fault::null_members;
  std::string parent = "products/";
  // Beyond the last one, it is nobody's.
  append_id(parent, seed_, product_ids,
            number % products_ + (form.unusual == fault::wrong_parent ? products_ : 0));
  std::string id;
  append_id(id, seed_, image_ids, number);

  out += R"({"id":")" + id + R"(","name":)";
  append_string(out, name_of(bits, number));
  out += R"(,"version":)";
  if (nulls) {
    out += "null";
  } else {
    append_string(out, version_of(bits));
  }
  out += R"(,"createTime":)";
  append_time(out, image_ids.epoch + number, static_cast<time_form>((bits >> 4U) % 3));
  out += ',';
  if (nulls) {
    out += R"("author":null)";
  } else {
    append_author(out, number);
  }
  out += R"(,"parent":")" + parent + '"';
  const std::string path = parent + "/images/" + id;
  if (nulls) {
    out += R"(,"files":null,"isArchived":null)";
  } else {
    if (bits % 4 == 0 || form.unusual == fault::zero_time) {
      out += ',';
      append_files(out, number, path, form);
    }
    if (form.unusual == fault::archived) {
      out += R"(,"isArchived":true)";
    } else if (bits % 5 == 0) {
      out += R"(,"isArchived":)";
      out += bits % 2 == 0 ? "true" : "false";
    }
  }
  append_scans_in_image(out, number, path, form);
  if (bits % 7 == 0) out += R"(,"labels":{"unknown to clients":[1,2.5,null,true]})";
  if (form.with_counts && nulls) {
    out += R"(,"counts":null)";
  } else if (form.with_counts) {
    out += R"(,"counts":{"components":)";
    append_number(out, (bits >> 48U) % 1000);
    out += R"(,"findings":)";
    append_number(out, (bits >> 56U) % 100);
    out += R"(,"findingTypeCounts":[{"type":"knownVulnerability","count":3}]})";
  }
  out += '}';
}

void fake_catalogue::append_scans_of(std::string& out, std::uint64_t number,
                                     const image_form& form) const {
  if (form.unusual == fault::null_members) {
    out += R"({"scans":null})";
    return;
  }
  out += R"({"scans":[)";
  const std::string_view word = scan_word(number, form);
  if (!word.empty()) append_scan(out, number, image_at(number).ref.path(), word);
  out += "]}";
}

bool fake_catalogue::has_scan(std::uint64_t number, std::string_view id,
                              const image_form& form) const {
  std::string own;
  append_id(own, seed_, scan_ids, number);
  return own == in_capitals(id) && !scan_word(number, form).empty();
}

bool fake_catalogue::append_scan_of(std::string& out, std::uint64_t number, std::string_view id,
                                    const image_form& form) const {
  if (!has_scan(number, id, form)) return false;
  append_scan(out, number, image_at(number).ref.path(), scan_word(number, form));
  return true;
}

void fake_catalogue::append_images_of(
    std::string& out, std::uint64_t product,
    const std::function<image_form(std::uint64_t)>& form_of) const {
  out += R"({"images":[)";
  std::uint64_t number = product;
  for (std::size_t listed = 0; listed < listed_images && number < images_; ++listed) {
    if (listed != 0) out += ',';
    append_image(out, number, form_of(number));
    number += products_;
  }
  out += "]}";
}

}  // namespace binarly::testing
