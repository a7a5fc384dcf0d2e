variable "name" {
  description = "What the names of all resources begin with"
  default     = "document-qa"
}

variable "region" {
  default = "us-east-1"
}

variable "model" {
  description = "The model that answers: its id, or that of an inference profile"
  default     = "amazon.nova-lite-v1:0"
}

variable "embedding_model" {
  description = "The model that compares passages with the question"
  default     = "amazon.titan-embed-text-v2:0"
}

variable "documents" {
  description = "The directory of the documents: Markdown, at any depth"
  default     = "../documents"
}

variable "package" {
  description = "The function as a zip file"
  default     = "function.zip"
}

variable "runtime" {
  default = "python3.12"
}
