package kr.madang.engine.compare;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** How the report looks. */
final class ReportStyle {
  static final String CSS =
      """
      :root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#17212b;--muted:#5d6977;--line:#e2e7ec;--grid:#e9edf1;\
      --a:#1f66d1;--b:#d9541e;--d:#7a3db8;--ok:#18794e;--okbg:#e3f4ea;--warn:#95520a;--warnbg:#fdf0da;--bad:#b3261e;--badbg:#fce8e6;\
      --same:#c3ccd6;--near:#8fa0b3;--off:#e08a1e}
      @media (prefers-color-scheme:dark){:root{--bg:#0e141a;--card:#161e27;--ink:#e4eaf0;--muted:#97a4b2;--line:#2a3540;--grid:#222c36;\
      --a:#69a5ff;--b:#ff9457;--d:#c595ff;--ok:#6fd39c;--okbg:#12301f;--warn:#f3b563;--warnbg:#38270d;--bad:#ff8a80;--badbg:#3d1714;\
      --same:#3d4a58;--near:#6d7e91;--off:#e69a35}}
      *{box-sizing:border-box}
      html{-webkit-text-size-adjust:100%}
      body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;\
      font-variant-numeric:tabular-nums;overflow-wrap:break-word}
      h1,li,p,.small,.head,summary{overflow-wrap:anywhere}
      main{max-width:1160px;margin:0 auto;padding:28px 24px 56px}
      h1{font-size:27px;line-height:1.25;margin:6px 0 0;letter-spacing:-.01em;text-wrap:balance}
      h2{font-size:18px;margin:36px 0 12px}
      h3{font-size:17px;margin:0}
      h4{font-size:13px;font-weight:600;margin:0 0 6px}
      p{margin:0 0 8px}
      a{color:inherit;text-decoration-color:var(--muted);text-underline-offset:3px}
      .eyebrow,.muted{color:var(--muted)}
      .eyebrow{font-size:13px}
      .small{font-size:13px}
      .card{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 16px}
      .verdict{border-left:5px solid var(--same);padding:20px 24px}
      .verdict.identical,.verdict.within{border-left-color:var(--ok)}
      .verdict.different{border-left-color:var(--off)}
      .findings{margin:14px 0 0;padding:0 0 0 20px}
      .findings li{margin:4px 0}
      .sides{display:grid;grid-template-columns:1fr 1fr;gap:16px}
      .side{display:grid;grid-template-columns:auto 1fr;column-gap:12px;align-items:start}
      .letter{display:inline-block;width:26px;height:26px;border-radius:7px;color:#fff;font-weight:700;text-align:center;line-height:26px;font-size:14px}
      .letter.a{background:#1f66d1}.letter.b{background:#d9541e}
      .side b{font-size:16px;line-height:26px}
      .tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:12px;margin:0 0 16px}
      .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
      .tile span{display:block;color:var(--muted);font-size:13px}
      .tile b{display:block;font-size:22px;line-height:1.35;font-weight:650;letter-spacing:-.01em}
      .tile b.warn{color:var(--warn)}
      .chip{display:inline-block;border-radius:20px;padding:1px 10px;font-size:12.5px;font-weight:600;white-space:nowrap;background:var(--grid);color:var(--muted)}
      .chip.different{background:var(--warnbg);color:var(--warn)}
      .chip.within,.chip.identical{background:var(--okbg);color:var(--ok)}
      .chip.bad{background:var(--badbg);color:var(--bad)}
      .scroll{overflow-x:auto}
      table{border-collapse:collapse;width:100%;font-size:14px}
      th{text-align:left;font-weight:600;color:var(--muted);font-size:12.5px;vertical-align:bottom;line-height:1.3}
      th,td{padding:7px 10px;border-bottom:1px solid var(--line)}
      tr:last-child>td{border-bottom:0}
      th:first-child,td:first-child{padding-left:0}
      th:last-child,td:last-child{padding-right:0}
      td{vertical-align:baseline;overflow-wrap:break-word}
      td.t,.name{overflow-wrap:anywhere;min-width:6.8em}
      .n{text-align:right;white-space:nowrap}.s{white-space:nowrap}.when{text-align:right}
      td.warn{color:var(--warn);font-weight:600}
      .name{font-weight:600}
      tr.sink td{padding-top:16px;color:var(--muted);font-size:13px}
      td.share{width:130px;min-width:70px;vertical-align:middle}
      td.time{width:36%}
      .head{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline;margin:0 0 12px}
      .head .unit{color:var(--muted);font-size:14px}
      .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(122px,1fr));gap:10px 18px;margin:0 0 18px}
      .facts dt{color:var(--muted);font-size:12.5px}
      .facts dd{margin:0;font-weight:600;font-size:16px}
      .facts dd small{display:block;font-weight:400;font-size:12px;color:var(--muted);line-height:1.3}
      .duo{display:grid;grid-template-columns:1.25fr 1fr;gap:28px;margin:20px 0 0}
      .duo>*{min-width:0}
      .gapped{margin-top:22px}.duo>div>h4:first-child{margin-top:0}.panel{margin-top:6px}
      .tight th,.tight td{padding-top:4px;padding-bottom:4px}
      .legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:12.5px;color:var(--muted);margin:0 0 4px}
      .legend i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}
      .legend i.a{background:var(--a)}.legend i.b{background:var(--b)}.legend i.d{background:var(--d)}
      .legend i.gap{background:var(--off);opacity:.3}
      svg{display:block;overflow:visible}
      .tick{font-size:11px;fill:var(--muted);paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
      .grid{stroke:var(--grid);stroke-width:1}
      .base{stroke:var(--line);stroke-width:1}
      .lane{fill:none;stroke-width:1.4;vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}
      .lane.a{stroke:var(--a)}.lane.b{stroke:var(--b)}.lane.d{stroke:var(--d)}
      .band{stroke:none;opacity:.22}
      .fill{opacity:.3;stroke:none}
      .band.a,.fill.a,.box.a{fill:var(--a)}.band.b,.fill.b,.box.b{fill:var(--b)}.fill.d{fill:var(--d);opacity:.25}
      .gapmark{fill:var(--off);opacity:.18}
      .limit{stroke:var(--muted);stroke-width:1;stroke-dasharray:4 4}
      .whisker.a{stroke:var(--a)}.whisker.b{stroke:var(--b)}
      .whisker{stroke-width:1.5}
      .median{stroke:var(--card);stroke-width:2.5}
      .track{fill:var(--grid)}
      .equal{fill:var(--same)}.near{fill:var(--near)}.off{fill:var(--off)}
      .bars td{vertical-align:middle}
      .bars svg+svg{margin-top:3px}
      details{margin:0 0 16px}
      details.card{padding:0}
      details.card>summary{padding:14px 20px}
      details.card>.inner{padding:4px 20px 18px}
      summary{cursor:pointer;color:var(--muted);font-size:14px}
      summary .name{color:var(--ink)}
      .more{margin:8px 0 0}
      .kv td:first-child{color:var(--muted);width:190px}
      .kv td{vertical-align:top}
      footer{color:var(--muted);font-size:13px;margin-top:28px}
      @media (max-width:900px){.tiles{grid-template-columns:repeat(3,1fr)}}
      @media (max-width:760px){main{padding:16px 12px 40px}h1{font-size:21px}.verdict{padding:16px}.card{padding:14px}\
      .sides,.duo{grid-template-columns:1fr}.sides{gap:0}.duo{gap:20px}.tiles{grid-template-columns:1fr 1fr;gap:8px}.tile{padding:10px 12px}.tile b{font-size:19px}\
      .wide,.sparse{display:none}th,td{padding:6px 6px}.facts{grid-template-columns:1fr 1fr}.kv td:first-child{width:96px}\
      td.share{width:80px}details.card>summary{padding:12px 14px}details.card>.inner{padding:4px 14px 14px}}
      @media print{:root{--bg:#fff}body{font-size:12px}main{max-width:none;padding:0}.card,.tile{break-inside:avoid}h2{break-after:avoid}\
      *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
      """;

  /** Allows this style and nothing else: no script, no image, no font, no connection. */
  static final String POLICY = "default-src 'none'; style-src 'sha256-" + digest() + "'";

  private ReportStyle() {}

  private static String digest() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(CSS.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
