package kr.madang.plugins.modbus;

/** Takes what a round brings, one request after the other. */
interface Outcome {

  /** The values of a request, in {@code answer} from {@code data} on; valid during the call. */
  void good(Request request, byte[] answer, int data);

  /** No values: the device refused or did not answer. */
  void bad(Request request, int status, String why);
}
