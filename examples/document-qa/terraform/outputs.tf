output "function" { value = aws_lambda_function.this.function_name }
output "bucket" { value = aws_s3_bucket.documents.id }
output "table" { value = aws_dynamodb_table.exchanges.name }
output "log_group" { value = aws_cloudwatch_log_group.exchanges.name }
output "key" { value = aws_kms_key.documents.arn }
output "vpc" { value = aws_vpc.this.id }
output "subnets" { value = aws_subnet.private[*].id }
output "route_table" { value = aws_route_table.private.id }
output "function_group" { value = aws_security_group.function.id }
output "endpoints_group" { value = aws_security_group.endpoints.id }

output "endpoints" {
  value = merge(
    { s3 = aws_vpc_endpoint.s3.id, dynamodb = aws_vpc_endpoint.dynamodb.id },
    { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id },
  )
}
