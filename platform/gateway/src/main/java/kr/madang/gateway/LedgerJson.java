package kr.madang.gateway;

import kr.madang.engine.Ledger;

/** A ledger as the API shows it, for those who print it elsewhere. */
public final class LedgerJson {
  private LedgerJson() {}

  /** One line of JSON. */
  public static String of(Ledger ledger) {
    return Json.text(Views.ledger(ledger));
  }
}
