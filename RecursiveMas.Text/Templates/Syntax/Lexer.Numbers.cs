using System.Globalization;
using System.Numerics;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Syntax;

internal sealed partial class Lexer
{
    // Python refuses longer decimal literals too.
    private const int MaximumDigits = 4300;

    private int DigitsEnd(int position, Func<char, bool> isDigit)
    {
        while (position < _source.Length
            && (isDigit(_source[position]) || _source[position] == '_' && position + 1 < _source.Length && isDigit(_source[position + 1])))
            position++;
        return position;
    }

    private void Number()
    {
        bool afterPoint = _position > 0 && _source[_position - 1] == '.';
        int end = DigitsEnd(_position, Characters.IsDigit);
        int whole = end;
        if (!afterPoint)
        {
            if (end + 1 < _source.Length && _source[end] == '.' && Characters.IsDigit(_source[end + 1]))
                end = DigitsEnd(end + 1, Characters.IsDigit);
            if (end < _source.Length && _source[end] is 'e' or 'E')
            {
                int digits = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
                if (digits < _source.Length && Characters.IsDigit(_source[digits]))
                    end = DigitsEnd(digits, Characters.IsDigit);
            }
        }

        if (end > whole)
        {
            string text = _source[_position..end].Replace("_", "", StringComparison.Ordinal);
            Add(TokenKind.Float, text, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
            Advance(end);
            return;
        }

        Integer();
    }

    private void Integer()
    {
        int end;
        BigInteger value;
        (int bits, Func<char, bool> isDigit) = char.ToLowerInvariant(Peek(1)) switch
        {
            'b' => (1, c => c is '0' or '1'),
            'o' => (3, c => c is >= '0' and <= '7'),
            'x' => (4, char.IsAsciiHexDigit),
            _ => (0, (Func<char, bool>)Characters.IsDigit),
        };
        if (Peek() == '0' && bits > 0 && DigitsEnd(_position + 2, isDigit) is var prefixed && prefixed > _position + 2)
        {
            end = prefixed;
            if (end - _position > MaximumDigits)
                throw TemplateFault.Syntax("the number is too long", _line);
            value = BigInteger.Zero;
            foreach (char c in _source.AsSpan(_position + 2, end - _position - 2))
            {
                if (c != '_')
                    value = (value << bits) + Convert.ToInt32(c.ToString(), 16);
            }
        }
        else
        {
            end = Peek() == '0' ? DigitsEnd(_position, c => c == '0') : DigitsEnd(_position, Characters.IsDigit);
            if (end - _position > MaximumDigits)
                throw TemplateFault.Syntax("the number is too long", _line);
            value = BigInteger.Parse(_source[_position..end].Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        Add(TokenKind.Integer, _source[_position..end], Integers.Normalize(value));
        Advance(end);
    }
}
