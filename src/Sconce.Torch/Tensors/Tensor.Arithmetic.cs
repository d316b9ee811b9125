namespace Sconce.Torch;

/// <content>C#'s operators, with PyTorch's broadcasting and type promotion.</content>
public partial class Tensor
{
    /// <summary>Sum.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => left.Add(right);

    /// <summary>Sum.</summary>
    public static Tensor operator +(Tensor left, Scalar right) => left.Add(right);

    /// <summary>Sum.</summary>
    public static Tensor operator +(Scalar left, Tensor right) => right.Add(left);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => left.Sub(right);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Tensor left, Scalar right) => left.Sub(right);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Scalar left, Tensor right) => right.Rsub(left);

    /// <summary>Product, element by element.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => left.Mul(right);

    /// <summary>Product.</summary>
    public static Tensor operator *(Tensor left, Scalar right) => left.Mul(right);

    /// <summary>Product.</summary>
    public static Tensor operator *(Scalar left, Tensor right) => right.Mul(left);

    /// <summary>True quotient.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => left.Div(right);

    /// <summary>True quotient.</summary>
    public static Tensor operator /(Tensor left, Scalar right) => left.Div(right);

    /// <summary>True quotient.</summary>
    public static Tensor operator /(Scalar left, Tensor right) => right.Reciprocal().Mul(left);

    /// <summary>Remainder with the divisor's sign, as Python's <c>%</c>.</summary>
    public static Tensor operator %(Tensor left, Scalar right) => left.Remainder(right);

    /// <summary>Remainder with the divisor's sign, as Python's <c>%</c>.</summary>
    public static Tensor operator %(Tensor left, Tensor right) => left.Remainder(right);

    /// <summary>Negative.</summary>
    public static Tensor operator -(Tensor tensor) => tensor.Neg();

    /// <summary>Logical or bitwise not.</summary>
    public static Tensor operator ~(Tensor tensor) => tensor.BitwiseNot();

    /// <summary>Logical or bitwise and.</summary>
    public static Tensor operator &(Tensor left, Tensor right) => left.BitwiseAnd(right);

    /// <summary>Logical or bitwise or.</summary>
    public static Tensor operator |(Tensor left, Tensor right) => left.BitwiseOr(right);

    /// <summary>Logical or bitwise exclusive or.</summary>
    public static Tensor operator ^(Tensor left, Tensor right) => left.BitwiseXor(right);

    /// <summary>Less, element by element.</summary>
    public static Tensor operator <(Tensor left, Tensor right) => left.Lt(right);

    /// <summary>Greater, element by element.</summary>
    public static Tensor operator >(Tensor left, Tensor right) => left.Gt(right);

    /// <summary>Less, element by element.</summary>
    public static Tensor operator <(Tensor left, Scalar right) => left.Lt(right);

    /// <summary>Greater, element by element.</summary>
    public static Tensor operator >(Tensor left, Scalar right) => left.Gt(right);

    /// <summary>Less or equal, element by element.</summary>
    public static Tensor operator <=(Tensor left, Tensor right) => left.Le(right);

    /// <summary>Greater or equal, element by element.</summary>
    public static Tensor operator >=(Tensor left, Tensor right) => left.Ge(right);

    /// <summary>Less or equal, element by element.</summary>
    public static Tensor operator <=(Tensor left, Scalar right) => left.Le(right);

    /// <summary>Greater or equal, element by element.</summary>
    public static Tensor operator >=(Tensor left, Scalar right) => left.Ge(right);
}
