package kr.madang.inference.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.inference.onnx.OnnxModel.Function;
import kr.madang.inference.onnx.OnnxModel.Node;

/**
 * Which operators a model may have. None of them opens a file, a connection or code; what is not
 * listed is refused.
 */
final class Operators {
  private static final Set<String> STANDARD =
      words(
          """
          Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
          BatchNormalization Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor
          BlackmanWindow Cast CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat
          ConcatFromSequence Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum
          DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum
          Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm
          GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample
          GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If
          InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual
          Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool
          MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg
          NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement
          OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization
          RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1
          ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
          ReduceSumSquare RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding
          Round STFT Scan Scatter ScatterElements ScatterND Selu SequenceAt SequenceConstruct
          SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid
          Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth
          Split SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish
          Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique
          Unsqueeze Upsample Where Xor
          """);

  private static final Set<String> CLASSIC =
      words(
          """
          ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer
          Imputer LabelEncoder LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier
          SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap
          """);

  /** What ONNX Runtime itself and its tools for quantised models put in. */
  private static final Set<String> MICROSOFT =
      words(
          """
          Attention BiasAdd BiasDropout BiasGelu BiasSoftmax BiasSplitGelu ConvTransposeWithDynamicPads
          DequantizeLinear DynamicQuantizeLSTM DynamicQuantizeMatMul EmbedLayerNormalization
          ExpandDims FastGelu FusedConv FusedGemm FusedMatMul FusedMatMulActivation GatherBlockQuantized
          GatherND Gelu GemmFastGelu GroupNorm GroupQueryAttention Inverse MatMulBnb4
          MatMulInteger16 MatMulIntegerToFloat MatMulNBits MaxpoolWithMask MultiHeadAttention
          NhwcConv NhwcFusedConv NhwcMaxPool Pad PackedAttention QAttention QEmbedLayerNormalization
          QGemm QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool
          QLinearLeakyRelu QLinearMul QLinearReduceMean QLinearSigmoid QLinearSoftmax QLinearWhere
          QMoE QuantizeLinear QuickGelu ReduceSumInteger RotaryEmbedding SimplifiedLayerNormalization
          SkipGroupNorm SkipLayerNormalization SkipSimplifiedLayerNormalization SparseToDenseMatMul
          TransposeMatMul Trilu Unique
          """);

  private static final Map<String, Set<String>> ALLOWED =
      Map.of("", STANDARD, "ai.onnx.ml", CLASSIC, "com.microsoft", MICROSOFT);

  private Operators() {}

  private static Set<String> words(String text) {
    return Set.of(text.strip().split("\\s+"));
  }

  /** Everything that may not be there, each kind once. */
  static List<Reason> refused(OnnxModel model) {
    Set<String> own = new HashSet<>();
    model.functions().forEach(function -> own.add(key(function.domain(), function.name())));
    Map<String, Reason> reasons = new HashMap<>();
    List<String> order = new ArrayList<>();
    model.forEachNode(node -> {
      String key = key(node.domain(), node.operator());
      if (!ALLOWED.getOrDefault(node.domain(), Set.of()).contains(node.operator())
          && !own.contains(key)
          && reasons.putIfAbsent(key, reason(node)) == null) {
        order.add(key);
      }
    });
    List<Reason> refused = new ArrayList<>(order.stream().map(reasons::get).toList());
    refused.addAll(circles(model));
    return refused;
  }

  private static Reason reason(Node node) {
    return new Reason(
        node.label(),
        "an operator of ai.onnx, ai.onnx.ml or one that ONNX Runtime itself makes",
        "'%s' of %s"
            .formatted(node.operator(), node.domain().isEmpty() ? "ai.onnx" : node.domain()));
  }

  private static String key(String domain, String name) {
    return domain + "\n" + name;
  }

  /** A function within itself would be written out without end. */
  private static List<Reason> circles(OnnxModel model) {
    Map<String, Function> functions = new HashMap<>();
    model.functions().forEach(one -> functions.put(key(one.domain(), one.name()), one));
    Map<String, Set<String>> calls = new HashMap<>();
    functions.forEach((key, function) -> {
      Set<String> called = new HashSet<>();
      OnnxModel.nodes(function.nodes(), node -> called.add(key(node.domain(), node.operator())));
      called.retainAll(functions.keySet());
      calls.put(key, called);
    });
    boolean changed = true;
    Set<String> open = new HashSet<>(functions.keySet());
    while (changed) {
      changed =
          open.removeIf(
              key -> calls.getOrDefault(key, Set.of()).stream().noneMatch(open::contains));
    }
    return open.stream()
        .sorted()
        .limit(1)
        .map(key ->
            new Reason(
                "function '" + key.substring(key.indexOf('\n') + 1) + "'",
                "functions that do not call one another in a circle",
                "such a circle"))
        .toList();
  }
}
